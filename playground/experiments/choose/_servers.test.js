// @ts-check
// The server of the event stream in Node, with more to send than a client takes.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import { test } from "node:test";
import { Log } from "./node/log.mjs";
import { serveSSE } from "./node/sse.mjs";

test("a client that never reads ends no process, also when the log is over", async () => {
  const log = new Log(20);
  const server = createServer((request, response) => serveSSE(log, 1, request, response)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const deaf = connect(port, "127.0.0.1").pause();
  deaf.write("GET /sse HTTP/1.1\r\nHost: x\r\n\r\n");
  const [, response] = await once(server, "request");
  while (log.last < log.of) {
    log.publish("x".repeat(300_000));
    await new Promise((resume) => setTimeout(resume, 2)); // with beats in between
  }
  await new Promise((resume) => setTimeout(resume, 20));
  assert.equal(response.writableEnded, true);
  assert.ok(response.writableLength > 0, "the client has taken all of it");
  deaf.destroy();
  await once(response, "close");
  server.close();
});
