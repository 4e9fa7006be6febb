const socket = new WebSocket(url);

socket.onopen = async () => {
  for (let n = 1; n <= 50; n++) {
    socket.send(`question ${n}`);
    report(await answer());
  }
  socket.close(1000);
};

// The next message: "1763805600123.456 question 7".
function answer() {
  return new Promise((resume) => {
    socket.onmessage = ({ data }) => resume(data);
  });
}
