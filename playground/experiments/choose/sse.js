// follow calls onLine with each line, once and in order,
// whatever the network does. The rest of the program does
// not know what it runs on.
function follow(onLine, onEnd) {
  let last = 0; // the line that has arrived
  let failures = 0; // since then
  let source, watchdog;

  function connect() {
    const address = new URL(url);
    address.searchParams.set("from", last);
    source = new EventSource(address);
    source.onmessage = ({ data }) => {
      alive();
      const item = JSON.parse(data);
      last = item.line;
      failures = 0;
      onLine(item);
      if (item.line === item.of) end();
    };
    source.addEventListener("beat", alive);
    source.onerror = () => {
      // A drop it mends by itself. After a 502 it never would.
      if (source.readyState === EventSource.CLOSED) again();
    };
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
    source.close();
  }

  connect();
}

follow(
  ({ line, of, text }) => log(`${line}/${of}`, text),
  () => log("complete"),
);
