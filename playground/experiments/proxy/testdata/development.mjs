// The proxy of Vite's development server, set up as Vite does it, from the folder of
// npm packages that is the first argument, in front of the server that is the second.
// When the server's response is over without its end, it prints what the page has of it.

import { createServer } from "node:http";
import { createRequire } from "node:module";

const require = createRequire(`${process.argv[2]}/`);
const proxy = require("http-proxy-3").createProxyServer({ target: process.argv[3], changeOrigin: true });
proxy.on("error", () => {});
proxy.on("proxyRes", (from, request, response) => {
  from.on("close", () => setImmediate(() => {
    if (!from.complete) console.log(response.writableEnded || response.closed ? "over" : "still open");
  }));
});
const server = createServer((request, response) => proxy.web(request, response));
server.listen(0, "127.0.0.1", () => console.log(`127.0.0.1:${server.address().port}`));
