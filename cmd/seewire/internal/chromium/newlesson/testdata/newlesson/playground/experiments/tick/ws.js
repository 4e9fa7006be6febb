const socket = new WebSocket(url);

socket.onmessage = ({ data }) => {
  log(data);
};

socket.onclose = ({ code }) => {
  log("close:", code);
};
