function follow(onLine) {
  let last = 0;
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
      onLine(item);
      if (item.line === item.of) drop();
    };
    socket.onclose = again;
    alive();
  }

  function alive() {
    clearTimeout(watchdog);
    watchdog = setTimeout(again, 3 * controls.beat);
  }

  function again() {
    drop();
    setTimeout(connect, 100 + 200 * Math.random());
  }

  function drop() {
    clearTimeout(watchdog);
    socket.onclose = null;
    socket.close();
  }

  connect();
}

follow(({ line }) => report(line));
