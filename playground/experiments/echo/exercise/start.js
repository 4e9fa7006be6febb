const socket = new WebSocket(url);

socket.onopen = () => {
  socket.send("帧".repeat(126));
  socket.send(new Uint8Array(126));
};

socket.onmessage = () => {
  socket.close(1000, "bye");
};
