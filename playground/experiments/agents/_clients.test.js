// @ts-check
// Runs the client programs as they are, against a server made by hand.

import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { connections, response, start } from "../../../static/js/_testing/program.js";

const question = { id: "question-1", method: "elicitation/create", params: { message: "Window or aisle?" } };
const result = { id: 2, result: { content: [{ type: "text", text: "booked" }] } };

/** @param {object} message */
const event = (message) => `id: 1-1\ndata: ${JSON.stringify(message)}\n\n`;

/**
 * Runs sse.js against a server that answers the call with these pieces.
 * @param {string[]} pieces
 */
function sse(pieces) {
  /** @type {{method: string, headers: Record<string, string>, message?: any}[]} */
  const requests = [];
  const fetch = async (/** @type {string} */ _, /** @type {any} */ { method = "GET", headers, body }) => {
    const message = body && JSON.parse(body);
    requests.push({ method, headers: { ...headers }, message });
    if (method === "GET") return response(["id: 0-0\ndata: \n\n"]);
    if (method === "DELETE") return new Response(null, { status: 204 });
    if (message.method === "initialize") return new Response('{"result":{}}', { headers: { "Content-Type": "application/json", "Mcp-Session-Id": "s1" } });
    if (message.method === "tools/call") return response(pieces);
    return new Response(null, { status: 202 });
  };
  return { requests, ...start(new URL("./sse.js", import.meta.url), { controls: { answer: "aisle", every: 1 }, fetch }) };
}

test("sse.js answers the question in a POST of its own, in the session, and ends it", async () => {
  const text = "id: 1-0\ndata: \n\n" + event(question) + event(result);
  const { requests, logged, ended } = sse([text.slice(0, 40), text.slice(40)]); // cut inside an event
  await ended;
  assert.deepEqual(requests.map(({ method, message }) => message?.method ?? method), ["initialize", "notifications/initialized", "GET", "tools/call", "POST", "DELETE"]);
  assert.deepEqual(requests[4].message, { jsonrpc: "2.0", id: "question-1", result: { action: "accept", content: { seat: "aisle" } } });
  assert.deepEqual(requests.slice(1).map(({ headers }) => headers["Mcp-Session-Id"]), ["s1", "s1", "s1", "s1", "s1"]);
  assert.deepEqual(requests.slice(1).map(({ headers }) => headers["MCP-Protocol-Version"]), Array(5).fill("2025-11-25"));
  assert.deepEqual(logged, ["elicitation/create Window or aisle?", "booked"]);
});

test("sse.js says that a stream has ended before the result", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { requests, logged, ended } = sse([event(question)]);
  for (let i = 0; i < 50; i++) {
    mock.timers.tick(100);
    await new Promise((resolve) => setImmediate(resolve));
  }
  mock.timers.reset();
  await ended;
  assert.deepEqual(logged.at(-1), "lost: ended before the result");
  assert.equal(requests.at(-1)?.method, "DELETE");
});

test("ws.js sends the same messages on one connection", () => {
  const WebSocket = connections();
  const { logged } = start(new URL("./ws.js", import.meta.url), { WebSocket, controls: { answer: "decline" } });
  const [socket] = WebSocket.all;
  socket.fire("open");
  for (const message of [{ id: 1, result: {} }, question, result]) socket.fire("message", { data: JSON.stringify(message) });
  const sent = socket.sent.map((text) => JSON.parse(String(text)));
  assert.deepEqual(sent.map(({ method }) => method), ["initialize", "notifications/initialized", "tools/call", undefined]);
  assert.deepEqual(sent[3], { jsonrpc: "2.0", id: "question-1", result: { action: "decline" } });
  assert.deepEqual(logged, ["elicitation/create Window or aisle?", "booked"]);
  assert.equal(socket.readyState, 2);

  socket.fire("close", { code: 1006 });
  assert.equal(logged.at(-1), "lost: 1006");
});
