const patience = 10_000; // ms for a client to take one write
const pingEvery = 30_000; // ms; one that has not answered by the next is gone

// serveWS sends the lines after the one that the client had last,
// and a beat whenever there has been nothing to send for a while.
export function serveWS(log, beatAfter, request, socket) {
  const last = log.had(request);

  // A frame that breaks the protocol is an error here, and ws closes
  // the connection. Without a listener it would end the process.
  socket.on("error", () => {});
  socket.on("message", () => socket.close(1008, "nothing goes up here"));
  const send = (text) => {
    const late = setTimeout(() => socket.terminate(), patience);
    socket.send(text, () => clearTimeout(late));
  };

  let answered = true;
  socket.on("pong", () => (answered = true));
  const ping = setInterval(() => {
    if (!answered) return socket.terminate();
    answered = false;
    socket.ping();
  }, pingEvery);

  const beat = setInterval(() => send('{"beat":true}'), beatAfter);
  const unfollow = log.follow(last, (line) => {
    send(JSON.stringify(line));
    beat.refresh();
    if (line.line === log.of) leave();
  });
  if (last === log.of) leave();

  function leave() {
    socket.close(1000, "that was all"); // don't come back
  }
  socket.on("close", () => {
    clearInterval(ping);
    clearInterval(beat);
    unfollow();
  });
}
