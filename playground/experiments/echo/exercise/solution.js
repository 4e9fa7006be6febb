const socket = new WebSocket(url);

socket.onopen = () => {
  socket.send("帧".repeat(42)); // 3 bytes each
  socket.send(new Uint8Array(65536));
};

let echoes = 0;
socket.onmessage = () => {
  echoes++;
  if (echoes === 2) socket.close(4000, "帧".repeat(41));
};
