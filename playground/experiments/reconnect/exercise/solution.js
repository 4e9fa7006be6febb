let last = 0;

function connect() {
  const address = new URL(url);
  address.searchParams.set("from", last);
  const socket = new WebSocket(address);

  socket.onmessage = (event) => {
    last = Number(event.data);
    report(last);
  };

  socket.onclose = (event) => {
    if (event.code === 1000) return;
    setTimeout(connect, 200 + 300 * Math.random());
  };
}

connect();
