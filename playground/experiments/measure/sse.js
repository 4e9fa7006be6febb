// All times are in milliseconds.
const { rounds, each, size } = controls;
const question = "?".repeat(size);
const clock = () => performance.timeOrigin + performance.now();

// The first round warms up, and does not count.
for (let round = 0; round <= rounds; round++) {
  await turn(); // ours, then the other side's

  const begun = clock();
  const source = new EventSource(url);
  await next(source, "open");
  const connect = [clock() - begun];

  // Each message brings the time at which it left, on the server's clock.
  const first = [], push = [];
  for (let i = 0; i < each; i++) {
    const { data } = await next(source, "message");
    const came = clock();
    if (i === 0) first.push(came - begun);
    push.push(came - parseFloat(data));
  }

  const roundTrip = [], ahead = [];
  for (let i = 0; i <= each; i++) {
    const asked = clock();
    const response = await fetch(sendUrl, { method: "POST", body: question });
    const data = await response.text();
    const took = clock() - asked;
    if (i === 0) continue; // this one may have had to connect
    roundTrip.push(took);
    ahead.push(parseFloat(data) - (asked + took / 2)); // the server's clock
  }

  source.close();
  if (round > 0) report({ connect, first, push, roundTrip, ahead });
}

function next(target, type) {
  return new Promise((resume) =>
    target.addEventListener(type, resume, { once: true }));
}
