const socket = new WebSocket(url);

socket.onmessage = (event) => {
  log(event.data);
};

socket.onclose = ({ code, wasClean }) => {
  // Nothing here reconnects.
  log("close:", code, wasClean ? "clean" : "not clean");
};
