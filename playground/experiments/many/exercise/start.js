function connect() {
  const socket = new WebSocket(url);

  socket.onmessage = ({ data }) => {
    const { n } = JSON.parse(data); // the number of this message
  };

  socket.onclose = ({ code }) => {
    if (code === 1000) return; // the server is done
    log("close:", code);
    setTimeout(connect, 1000);
  };
}

connect();
