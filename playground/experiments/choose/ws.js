// follow calls onLine with each line, once and in order,
// whatever the network does. The rest of the program does
// not know what it runs on.
function follow(onLine, onEnd) {
  let last = 0; // the line that has arrived
  let failures = 0; // since then
  let socket, watchdog;

  function connect() {
    const address = new URL(url);
    address.searchParams.set("from", last);
    socket = new WebSocket(address);
    socket.onmessage = ({ data }) => {
      alive();
      const item = JSON.parse(data);
      if (item.beat) return;
      last = item.line;
      failures = 0;
      onLine(item);
      if (item.line === item.of) end();
    };
    socket.onclose = again; // nothing mends itself here
    alive();
  }

  function alive() {
    clearTimeout(watchdog);
    watchdog = setTimeout(again, 3 * controls.beat); // two may be late
  }

  function again() {
    drop();
    setTimeout(connect, Math.random() * Math.min(30_000, 500 * 2 ** failures++));
  }

  function end() {
    drop();
    onEnd();
  }

  function drop() {
    clearTimeout(watchdog);
    socket.onclose = null; // on a dead line it would come a minute late
    socket.close();
  }

  connect();
}

follow(
  ({ line, of, text }) => log(`${line}/${of}`, text),
  () => log("complete"),
);
