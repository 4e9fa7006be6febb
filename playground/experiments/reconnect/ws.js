const socket = new WebSocket(url);

socket.onmessage = (event) => log(event.data);

socket.onclose = (event) => {
  // Nothing reconnects: whoever wants that writes it.
  log("close:", event.code, event.wasClean ? "clean" : "not clean");
};
