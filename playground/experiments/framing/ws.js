// Where a message ends is not for its text to say: it
// is in the headers of the frames.
const socket = new WebSocket(url);

socket.onmessage = ({ type, data }) => {
  log(type, data);
};

socket.onclose = ({ code }) => {
  log("close:", code);
};
