// follow calls onLine with each line, once and in order,
// whatever the network does, and onEnd after the last one.
// It returns a function that stops it. The rest of the
// program does not know what it runs on.
function follow(onLine, onEnd) {
  const patience = 3 * controls.beat; // two may be late
  let last = 0; // the line that has arrived
  let failures = 0; // since anything has arrived
  let stopped = false;
  let source, timer;

  function connect() {
    const address = new URL(url);
    address.searchParams.set("from", last);
    source = new EventSource(address);
    source.onmessage = ({ data }) => {
      alive();
      const item = JSON.parse(data);
      last = item.line;
      onLine(item);
    };
    source.addEventListener("beat", alive);
    source.addEventListener("end", end);
    source.onerror = () => {
      // A drop it mends by itself. After a 204 or a 502 it
      // is closed, and does not say which it was.
      if (source.readyState === EventSource.CLOSED) ask(address);
      else watch();
    };
    watch();
  }

  async function ask(address) {
    drop();
    const signal = AbortSignal.timeout(patience);
    const status = await fetch(address, { signal }).then(
      (response) => (response.body?.cancel(), response.status),
      () => "none",
    );
    if (stopped) return;
    if (status === 204) end(); // don't come back
    else again();
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
    source.close();
  }

  connect();
  return () => {
    stopped = true;
    drop();
  };
}

follow(
  ({ line, of, text }) => log(`${line}/${of}`, text),
  () => log("complete"),
);
