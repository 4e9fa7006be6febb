// All times are in milliseconds.
const { rounds, each, size } = controls;
const question = "?".repeat(size);
const clock = () => performance.timeOrigin + performance.now();
const since = (time) => Number((clock() - time).toFixed(3));

// The first round warms up, and does not count.
for (let round = 0; round <= rounds; round++) {
  await turn(); // ours, then the other side's

  const begun = clock();
  const source = new EventSource(url);
  await next(source, "open");
  const connect = [since(begun)];

  // Each message brings the time at which it left, on the server's clock.
  const first = [], push = [];
  for (let i = 0; i < each; i++) {
    const { data } = await next(source, "message");
    push.push(since(parseFloat(data)));
    if (i === 0) first.push(since(begun));
  }

  const roundTrip = [], ahead = [];
  for (let i = 0; i <= each; i++) {
    const asked = clock();
    const response = await fetch(sendUrl, { method: "POST", body: question });
    if (!response.ok) throw new Error(`status ${response.status}`);
    const data = await response.text();
    const took = since(asked);
    if (i === 0) continue; // this one may have had to connect
    roundTrip.push(took);
    ahead.push(took / 2 - since(parseFloat(data))); // the server's clock
  }

  source.close();
  if (round > 0) report({ connect, first, push, roundTrip, ahead });
}

function next(target, type) {
  return new Promise((resume, fail) => {
    target.addEventListener(type, resume, { once: true });
    target.onerror = () => {
      target.close(); // no second try: it would be measured too
      fail(new Error("the connection was lost"));
    };
  });
}
