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

/** The data of a response's event. @param {string} type @param {number} number @param {object} [more] */
const typed = (type, number, more) => JSON.stringify({ type, sequence_number: number, ...more });
/** @param {string} type @param {number} number @param {object} [more] */
const typedEvent = (type, number, more) => `event: ${type}\ndata: ${typed(type, number, more)}\n\n`;

const created = typedEvent("response.created", 0, { response: { id: "resp_1" } });
/** @param {number} number @param {string} delta */
const delta = (number, delta) => typedEvent("response.output_text.delta", number, { delta });
const completed = (/** @type {number} */ number) => typedEvent("response.completed", number);

/**
 * Runs responses.js against a server that gives these answers, one after another.
 * @param {(Response | Error)[]} answers
 */
async function responses(answers) {
  mock.timers.enable({ apis: ["setTimeout"] });
  /** @type {string[]} */
  const requests = [];
  const fetch = async (/** @type {URL} */ address, /** @type {any} */ { method = "GET", body } = {}) => {
    requests.push([method, address.pathname + address.search, body && JSON.parse(body).background].filter((part) => part !== undefined).join(" "));
    const answer = answers.shift();
    if (!answer || answer instanceof Error) throw answer;
    return answer;
  };
  const { logged, ended } = start(new URL("./responses.js", import.meta.url), { url: "http://here/play/agents/sse?cut=result", controls: { background: true }, fetch });
  for (let i = 0; i < 50; i++) {
    mock.timers.tick(100);
    await new Promise((resolve) => setImmediate(resolve));
  }
  mock.timers.reset();
  await ended;
  return { requests, logged };
}

test("responses.js goes on after the number that came last", async () => {
  const text = created + delta(4, "Train") + delta(5, " 7");
  const { requests, logged } = await responses([response([text.slice(0, 70), text.slice(70)]), response([delta(6, " leaves") + completed(7)])]);
  assert.deepEqual(requests, [
    "POST /v1/responses?cut=result&attempt=1 true",
    "GET /v1/responses/resp_1?cut=result&attempt=1&stream=true&starting_after=5",
  ]);
  assert.deepEqual(logged, ["no end Train 7", "response.completed Train 7 leaves"]);
});

test("responses.js asks again where the response is gone", async () => {
  const gone = new Response('{"error":{"message":"it is gone"}}', { status: 404 });
  const { requests, logged } = await responses([response([created + delta(4, "Train")]), gone, response([created + delta(4, "Train") + completed(5)])]);
  assert.deepEqual(requests.map((request) => request.split("?")[0]), ["POST /v1/responses", "GET /v1/responses/resp_1", "POST /v1/responses"]);
  assert.match(requests[2], /attempt=3/);
  assert.deepEqual(logged, ["no end Train", "404 it is gone", "response.completed Train"]);
});

test("responses.js takes a failure for the end, and gives up after three attempts", async () => {
  const { logged } = await responses([response([created + typedEvent("error", 1, { message: "no" })])]);
  assert.deepEqual(logged, ["error "]);
  const { logged: lost } = await responses([new Error("a"), new Error("b"), new Error("c")]);
  assert.deepEqual(lost, ["lost after event  a", "lost after event  b", "lost after event  c"]);
});

test("responses-ws.js asks again on another connection", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const WebSocket = connections();
  const { logged, ended } = start(new URL("./responses-ws.js", import.meta.url), { url: "ws://here/play/agents/ws?cut=result", WebSocket });
  const [first] = WebSocket.all;
  first.fire("open");
  first.fire("message", { data: typed("response.output_text.delta", 4, { delta: "Train" }) });
  first.fire("close", { code: 1006 });
  await new Promise((resolve) => setImmediate(resolve));
  mock.timers.tick(1000);
  await new Promise((resolve) => setImmediate(resolve));
  mock.timers.reset();
  const second = WebSocket.all[1];
  second.fire("open");
  second.fire("message", { data: typed("response.output_text.delta", 4, { delta: "Train 7" }) });
  second.fire("message", { data: typed("response.completed", 5) });
  await ended;
  assert.deepEqual(WebSocket.all.map(({ url }) => url), ["ws://here/v1/responses?cut=result&attempt=1", "ws://here/v1/responses?cut=result&attempt=2"]);
  assert.equal(JSON.parse(String(second.sent[0])).type, "response.create");
  assert.deepEqual(logged, ["lost (1006) after event 4: Train", "response.completed Train 7"]);
  assert.equal(second.readyState, 2);
});
