// All times are in milliseconds.
const { rounds, each, ask } = controls;
const clock = () => performance.timeOrigin + performance.now();
const since = (time) => Number((clock() - time).toFixed(3));
const pause = (ms) => new Promise((resume) => setTimeout(resume, ms));

// The first round warms up, and does not count.
for (let round = 0; round <= rounds; round++) {
  await turn(); // ours, then another's

  const begun = clock();
  const first = [], push = [];
  let after = ""; // our place; the server says it

  while (push.length < each) {
    const response = await fetch(`${url}&after=${after}`);
    if (!response.ok) throw new Error(`status ${response.status}`);
    const answer = await response.json();
    after = answer.after;

    // Each message brings the time at which it was there, on the server's clock.
    for (const message of answer.messages) {
      push.push(since(parseFloat(message)));
      if (push.length === 1) first.push(since(begun));
    }
    if (push.length < each) await pause(ask);
  }

  if (round > 0) report({ first, push });
}
