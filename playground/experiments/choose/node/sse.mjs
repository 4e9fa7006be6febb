const patience = 10_000; // ms for a client to take one write
const longest = 15 * 60_000; // ms: the client comes back, unless it has gone without a word

// serveSSE sends the lines after the one that the client had last,
// and a beat whenever there has been nothing to send for a while.
export function serveSSE(log, beatAfter, request, response) {
  const last = log.had(request);
  if (last === log.of) {
    response.writeHead(204).end(); // that was all: don't come back
    return;
  }
  response.writeHead(200, {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no", // asks nginx to pass on each event as it comes
  });
  const send = (text) => {
    const late = setTimeout(() => response.destroy(), patience);
    response.write(text, () => clearTimeout(late));
  };

  // Each client has a wait of its own, or all would come back at once.
  send(`retry: ${500 + Math.floor(500 * Math.random())}\n\n`);
  const beat = setInterval(() => send("event: beat\ndata: \n\n"), beatAfter);
  const end = setTimeout(leave, longest);
  const unfollow = log.follow(last, (line) => {
    send(`id: ${line.line}\ndata: ${JSON.stringify(line)}\n\n`);
    beat.refresh();
    if (line.line !== log.of) return;
    send("event: end\ndata: \n\n"); // without it the client would come back for more
    // Not now: follow has not returned if this line is replayed.
    queueMicrotask(leave);
  });

  // Nothing may be written after the end: that would end the process.
  function stop() {
    clearInterval(beat);
    clearTimeout(end);
    unfollow();
  }
  function leave() {
    stop();
    response.end();
  }
  response.on("close", stop);
  response.on("error", stop); // the client has left; "close" follows
  return leave;
}
