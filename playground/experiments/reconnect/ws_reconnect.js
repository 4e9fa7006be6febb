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

  socket.onclose = ({ code }) => {
    if (code === 1000) return; // the server is done

    // Backoff: after each failure it may be twice as long.
    // Jitter: but not everybody comes back at once.
    const longest = Math.min(30_000, 1000 * 2 ** failures);
    const wait = Math.round(longest * Math.random());
    failures++;
    log("close:", code, "again in", wait, "ms");
    setTimeout(connect, wait);
  };
}

connect();
