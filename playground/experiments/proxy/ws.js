const socket = new WebSocket(url);

socket.onopen = () => {
  log("open");
};

socket.onmessage = (event) => {
  log(event.data);
};

socket.onclose = ({ code, wasClean }) => {
  log("close:", code, wasClean ? "clean" : "not clean");
};
