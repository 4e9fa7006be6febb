// Up, in a socket: send() takes everything, at once.
const address = new URL(url);
address.searchParams.set("way", "up");
const socket = new WebSocket(address);
const message = "x".repeat(65536);

socket.onopen = async () => {
  for (let n = 1; n <= 160; n++) {
    if (socket.readyState !== WebSocket.OPEN) return;
    socket.send(message);
    if (n % 10 === 0) {
      log(n, "sent, bufferedAmount", socket.bufferedAmount);
    }
    await new Promise((done) => setTimeout(done, 5));
  }
};

socket.onclose = ({ code }) => {
  log("close:", code, "bufferedAmount", socket.bufferedAmount);
};
