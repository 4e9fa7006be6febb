const { policy, delay } = controls;
let last = 0; // the message that has arrived
let failures = 0; // since then

function connect() {
  const address = new URL(url);
  if (last > 0) address.searchParams.set("from", last);
  const socket = new WebSocket(address);

  socket.onmessage = ({ data }) => {
    const { n, connected, attempts } = JSON.parse(data);
    last = n;
    failures = 0;
    log(n, connected, "here,", attempts, "came");
  };

  socket.onclose = ({ code }) => {
    if (code === 1000) return; // the server is done
    log("close:", code, "again in", wait(), "ms");
  };
}

function wait() {
  let ms = delay;
  if (policy === "jitter" || policy === "both") {
    ms = Math.round(delay * (0.5 + Math.random()));
  }
  if (policy === "backoff" || policy === "both") {
    ms *= Math.min(2 ** failures++, 8);
  }
  setTimeout(connect, ms);
  return ms;
}

connect();
