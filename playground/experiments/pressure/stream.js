// Reads when it is free, and not before.
const socket = new WebSocketStream(url);
const { readable } = await socket.opened;

for await (const data of readable) {
  await handle(JSON.parse(data));
}

async function handle({ n }) {
  await new Promise((done) => setTimeout(done, controls.work));
  log(n);
}
