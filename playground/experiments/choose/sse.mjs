// The log in Node.js, with nothing but its own modules:
//   PORT=3000 node sse.mjs
import { createServer } from "node:http";

const total = 12;
const every = 400; // ms
const beatAfter = 1000; // ms without a line

const lineOf = (n) => JSON.stringify({ line: n, of: total, text: `package ${n}: ok` });

const server = createServer((request, response) => {
  const { searchParams } = new URL(request.url, "http://server");
  let n = Number(request.headers["last-event-id"] ?? searchParams.get("from")) || 0;
  if (n >= total) return response.writeHead(204).end(); // that was all: don't come back

  response.writeHead(200, {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",
  });
  const send = (text) => {
    response.write(text);
    if (response.writableLength > 1 << 20) response.destroy(); // it does not read what it asked for
  };
  send("retry: 1000\n\n");

  const beat = setInterval(() => send("event: beat\ndata: \n\n"), beatAfter);
  const line = setInterval(() => {
    n++;
    send(`id: ${n}\ndata: ${lineOf(n)}\n\n`);
    beat.refresh();
    if (n === total) response.end();
  }, every);
  response.on("close", () => {
    clearInterval(line);
    clearInterval(beat);
  });
});
server.listen(process.env.PORT, "127.0.0.1", () => console.log(server.address().port));
