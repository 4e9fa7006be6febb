function connect(last) {
  const address = new URL(url);
  if (last > 0) address.searchParams.set("from", last);
  const socket = new WebSocket(address);

  socket.onmessage = ({ data }) => {
    last = JSON.parse(data).n;
  };

  socket.onclose = ({ code }) => {
    if (code === 1000) return; // the server is done
    // Any moment of the next five seconds, once the server can be there.
    setTimeout(connect, 600 + 4400 * Math.random(), last);
  };
}

connect(0);
