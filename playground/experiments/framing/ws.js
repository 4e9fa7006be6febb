// Where a message ends is not for the text to say: it is in the frames' headers.
const socket = new WebSocket(url);
socket.onmessage = (event) => log(event.type, event.data);
socket.onclose = (event) => log(event.type, event.code, event.reason);
