// Reads when it is free, and not before.
const response = await fetch(url);
if (!response.ok) throw new Error(`${response.status}`);
const reader = response.body
  .pipeThrough(new TextDecoderStream())
  .getReader();

// Enough of a parser for this server's streams. In
// lesson 1 is one for all.
let rest = "";
for (;;) {
  const { value, done } = await reader.read();
  if (done) break;
  const events = (rest + value).split("\n\n");
  rest = events.pop();
  for (const event of events) {
    const data = event.match(/^data: (.*)$/m)?.[1];
    if (data) await handle(JSON.parse(data));
  }
}

async function handle({ n }) {
  await new Promise((done) => setTimeout(done, controls.work));
  log(n);
}
