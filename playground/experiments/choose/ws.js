// follow calls onLine with each line, once and in order,
// whatever the network does, and onEnd after the last one.
// It returns a function that stops it. The rest of the
// program does not know what it runs on.
function follow(onLine, onEnd) {
  const patience = 3 * controls.beat; // two may be late
  let last = 0; // the line that has arrived
  let failures = 0; // since anything has arrived
  let socket, timer;

  function connect() {
    const address = new URL(url);
    address.searchParams.set("from", last);
    socket = new WebSocket(address);
    socket.onmessage = ({ data }) => {
      alive();
      const item = JSON.parse(data);
      if (item.beat) return;
      last = item.line;
      onLine(item);
    };
    socket.onclose = ({ code }) => {
      if (code === 1000) end(); // don't come back
      else again(); // nothing mends itself here
    };
    watch();
  }

  function alive() {
    failures = 0;
    watch();
  }

  function watch() {
    clearTimeout(timer);
    timer = setTimeout(again, patience);
  }

  function again() {
    drop();
    const longest = Math.min(30_000, 500 * 2 ** failures++);
    timer = setTimeout(connect, longest * Math.random());
  }

  function end() {
    drop();
    onEnd();
  }

  function drop() {
    clearTimeout(timer);
    socket.onclose = null; // on a dead connection it would come a minute late
    socket.close();
  }

  connect();
  return drop;
}

follow(
  ({ line, of, text }) => log(`${line}/${of}`, text),
  () => log("complete"),
);
