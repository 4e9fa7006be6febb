// A log that is followed over SSE and over WebSocket, and a page
// that does both:
//   npm install && npm start
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { WebSocketServer } from "ws";
import { Log } from "./log.mjs";
import { serveSSE } from "./sse.mjs";
import { serveWS } from "./ws.mjs";

const { PORT = 8000, LINES = 100, EVERY = 2000, BEAT = 1000 } = process.env; // the page knows BEAT, too
const origins = []; // pages that may connect over WebSocket, beside the server's own: "https://your.site"

const log = new Log(Number(LINES));
const streams = new Set(); // functions that end one

const page = (name) => readFile(new URL(`page/${name}`, import.meta.url));
const pages = {
  "/": ["text/html", await page("index.html")],
  "/client.html": ["text/html", await page("client.html")],
  "/clients/sse.js": ["text/javascript", await page("clients/sse.js")],
  "/clients/ws.js": ["text/javascript", await page("clients/ws.js")],
};

const server = createServer((request, response) => {
  const path = request.url.split("?", 1)[0];
  if (path === "/sse" && request.method === "GET") {
    const leave = serveSSE(log, Number(BEAT), request, response);
    if (!leave) return;
    streams.add(leave);
    response.on("close", () => streams.delete(leave));
  } else if (Object.hasOwn(pages, path)) {
    const [type, text] = pages[path];
    response.writeHead(200, { "Content-Type": `${type}; charset=utf-8` }).end(text);
  } else {
    response.writeHead(404).end("There is nothing here.");
  }
});

// Any page may ask for a WebSocket, with this server's cookies. What
// has no Origin is no page.
function allows({ origin, req }) {
  const { host } = req.headers;
  return origin === undefined || [`http://${host}`, `https://${host}`, ...origins].includes(origin);
}
const sockets = new WebSocketServer({ server, path: "/ws", maxPayload: 64 * 1024, verifyClient: (info, decide) => decide(allows(info), 403) });
sockets.on("connection", (socket, request) => serveWS(log, Number(BEAT), request, socket));

server.listen(Number(PORT), "127.0.0.1", () => {
  console.error(`open http://127.0.0.1:${server.address().port}`);
});

// In place of this, whatever in your program has something to say.
const publisher = setInterval(() => {
  log.publish(`package ${log.last + 1}: ok`);
  if (log.last === log.of) clearInterval(publisher);
}, Number(EVERY));

// Streams and WebSockets end, and their clients come back to the next
// process. A client that does not answer is not waited for longer.
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => {
    clearInterval(publisher);
    server.close();
    server.closeIdleConnections();
    for (const leave of streams) leave();
    for (const socket of sockets.clients) socket.close(1001, "the server is restarting");
    setTimeout(() => process.exit(), 2000).unref();
  });
}
