function connect() {
  const socket = new WebSocket(url);

  socket.onmessage = ({ data }) => {
    const { n, connected } = JSON.parse(data);
    log(n, connected, "here");
  };

  socket.onclose = ({ code }) => {
    if (code === 1000) return; // the server said goodbye
    setTimeout(connect, 1000);
  };
}

for (let i = 0; i < 12; i++) connect();
