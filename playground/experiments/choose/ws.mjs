// The log in Node.js, with the ws package:
//   npm install ws && PORT=3000 node ws.mjs
import { WebSocketServer } from "ws";

const total = 12;
const every = 400; // ms
const beatAfter = 1000; // ms without a line

const lineOf = (n) => JSON.stringify({ line: n, of: total, text: `package ${n}: ok` });

const server = new WebSocketServer({
  port: process.env.PORT,
  host: "127.0.0.1",
  maxPayload: 64 * 1024,
  // verifyClient: ({ origin }) => origin === "https://your.site", // or any page may connect
});

server.on("connection", (socket, request) => {
  const { searchParams } = new URL(request.url, "http://server");
  let n = Number(searchParams.get("from")) || 0;
  if (n >= total) return socket.close(1000, "that was all"); // don't come back

  const send = (text) => {
    socket.send(text);
    if (socket.bufferedAmount > 1 << 20) socket.terminate(); // it does not read what it asked for
  };

  const beat = setInterval(() => send('{"beat":true}'), beatAfter);
  const line = setInterval(() => {
    n++;
    send(lineOf(n));
    beat.refresh();
    if (n === total) socket.close(1000, "that was all");
  }, every);
  socket.on("close", () => {
    clearInterval(line);
    clearInterval(beat);
  });
});
server.on("listening", () => console.log(server.address().port));
