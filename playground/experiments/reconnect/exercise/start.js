const socket = new WebSocket(url);

socket.onmessage = (event) => {
  report(Number(event.data));
};

socket.onclose = (event) => {
  log("close:", event.code);
};
