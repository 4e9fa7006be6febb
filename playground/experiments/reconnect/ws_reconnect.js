let last = 0; // the number that has arrived
let failures = 0; // since then

function connect() {
  const address = new URL(url);
  address.searchParams.set("from", last);
  const socket = new WebSocket(address);

  socket.onmessage = (event) => {
    last = Number(event.data);
    failures = 0;
    log(last);
  };

  socket.onclose = (event) => {
    if (event.code === 1000) return; // the server has said goodbye

    // Backoff: twice as long after each failure. Jitter: not everybody at once.
    const wait = Math.min(30_000, 1000 * 2 ** failures++) * Math.random();
    log("close:", event.code, "again in", Math.round(wait), "ms");
    setTimeout(connect, wait);
  };
}

connect();
