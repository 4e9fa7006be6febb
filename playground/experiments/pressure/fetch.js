// Reads when it is free, and not before.
const { body } = await fetch(url);
const text = body.pipeThrough(new TextDecoderStream());

let rest = "";
for await (const part of text) {
  const events = (rest + part).split("\n\n");
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
