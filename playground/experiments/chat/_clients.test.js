// @ts-check
// Runs the client programs as they are, against answers made by hand.

import assert from "node:assert/strict";
import { test } from "node:test";
import { connections, response, start } from "../../../static/js/_testing/program.js";

const controls = { prompt: "What is SSE?" };

/** A chunk of an answer. @param {string} content @param {string|null} [finish] */
const chunk = (content, finish = null) => JSON.stringify({ choices: [{ delta: { content }, finish_reason: finish }] });

const hello = chunk("Hello, ");
const world = chunk("字 wörld 🎉", "stop");
const answer = "Hello, 字 wörld 🎉";

/**
 * What fetch.js logs of a response.
 * @param {Parameters<typeof response>} of
 */
async function read(...of) {
  const answered = response(...of);
  const { logged, ended } = start(new URL("./fetch.js", import.meta.url), { controls, fetch: async () => answered });
  await ended;
  return { logged, last: logged.at(-1) ?? "", cancelled: answered.seen.cancelled };
}

/** @type {Record<string, string>} */
const wholes = {
  LF: `data: ${hello}\n\ndata: ${world}\n\ndata: [DONE]\n\n`,
  CRLF: `data: ${hello}\r\n\r\ndata: ${world}\r\n\r\ndata: [DONE]\r\n\r\n`,
  CR: `data: ${hello}\r\rdata: ${world}\r\rdata: [DONE]\r\r`,
  "all of them": `data: ${hello}\r\n\ndata: ${world}\n\r\ndata: [DONE]\r\n\r`,
  comments: `: OPENROUTER PROCESSING\n\ndata: ${hello}\n\n:\n\ndata: ${world}\n\n: bye\ndata: [DONE]\n\n`,
  "no space": `data:${hello}\n\ndata:${world}\n\ndata:[DONE]\n\n`,
  "several data lines": `data: {"choices":\ndata: [{"delta":{"content":"${answer}"},\ndata: "finish_reason":"stop"}]}\n\ndata: [DONE]\n\n`,
  "other fields": `retry: 1000\n\nid: 1\nevent: message\ndata: ${hello}\n\nevent\nfoo: bar\ndata: ${world}\nid\n\ndata: [DONE]\n\n`,
  "a type without data": `event: error\n\ndata: ${hello}\n\ndata: ${world}\n\ndata: [DONE]\n\n`,
  "a BOM": `\uFEFFdata: ${hello}\n\ndata: ${world}\n\ndata: [DONE]\n\n`,
  usage: `data: ${hello}\n\ndata: ${world}\n\ndata: {"choices":[],"usage":{"total_tokens":9}}\n\ndata: [DONE]\n\n`,
};

for (const [name, body] of Object.entries(wholes)) {
  test(`an answer is read whole, wherever it is cut: ${name}`, async () => {
    const bytes = new TextEncoder().encode(body);
    for (let cut = 1; cut < bytes.length; cut++) {
      assert.equal((await read([bytes.slice(0, cut), bytes.slice(cut)])).last, answer, `cut before byte ${cut}`);
    }
    assert.equal((await read([...bytes].map((byte) => Uint8Array.of(byte)))).last, answer, "byte by byte");
  });
}

test("an event is there with its blank line, whatever ends that", async () => {
  for (const end of ["\n\n", "\r\r", "\r\n\r\n"]) {
    const pieces = [`data: ${hello}${end}`];
    const { logged } = start(new URL("./fetch.js", import.meta.url), { controls, fetch: async () => response(pieces, { hangs: true }) });
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual(logged, ["Hello, "], JSON.stringify(end));
  }
});

test("what is not a whole answer is an error", async () => {
  const refused = await read(['{"error":{"message":"messages has nothing"}}'], { status: 400, type: "application/json" });
  assert.match(refused.last, /^Error: 400 .*messages has nothing/);
  assert.match((await read(["<h1>Sign in</h1>"], { type: "text/html" })).last, /^Error: 200 <h1>/);
  for (const body of ["", `data: ${hello}\n\n`, `data: ${hello}\n\ndata: [DONE]\n`]) {
    assert.match((await read([body])).last, /^Error: ended before \[DONE\]/, body);
  }
});

test("an error in the stream is an error, and the response is let go", async () => {
  for (const error of ['data: {"error":{"message":"overloaded"}}\n\n', "event: error\ndata: overloaded\n\n"]) {
    const { logged, last, cancelled } = await read([`data: ${hello}\n\n`, error, `data: ${world}\n\n`], { hangs: true });
    assert.match(last, /^Error: .*overloaded/);
    assert.equal(logged.length, 2);
    assert.equal(cancelled, true);
  }
});

test("an answer that the model did not finish says why", async () => {
  const { logged } = await read([`data: ${chunk("Hello", "length")}\n\ndata: [DONE]\n\n`]);
  assert.deepEqual(logged, ["Hello", "Hello", "finish_reason: length"]);
});

test("a Stop button ends the wait", async () => {
  /** @type {AbortController[]} */
  const buttons = [];
  class Button extends AbortController {
    constructor() {
      super();
      buttons.push(this);
    }
  }
  /** @param {string} _ @param {RequestInit} options */
  const fetch = async (_, { signal }) => {
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(`data: ${hello}\n\n`));
        signal?.addEventListener("abort", () => controller.error(signal.reason));
      },
    });
    return new Response(body, { headers: { "Content-Type": "text/event-stream" } });
  };
  const { logged, ended } = start(new URL("./fetch.js", import.meta.url), { controls, fetch, AbortController: Button });
  await new Promise((resolve) => setTimeout(resolve, 20));
  buttons[0].abort();
  await ended;
  assert.equal(logged.length, 2);
  assert.match(logged[1], /^AbortError/);
});

test("sse.js tells an error in the stream, and a refusal from a drop", () => {
  const EventSource = connections();
  const { logged } = start(new URL("./sse.js", import.meta.url), { EventSource });
  const [source] = EventSource.all;
  source.fire("message", { data: hello });
  source.fire("error");
  source.fire("message", { data: '{"choices":[]}' });
  source.fire("message", { data: '{"error":{"message":"overloaded"}}' });
  assert.equal(source.readyState, 2);
  source.fire("error");
  assert.deepEqual(logged, ["Hello, ", "error: connecting again", "error: overloaded", "error: closed"]);
});

test("ws.js tells an error, and an answer that is not whole", () => {
  const WebSocket = connections();
  const { logged } = start(new URL("./ws.js", import.meta.url), { WebSocket, controls });
  const [socket] = WebSocket.all;
  socket.fire("open");
  assert.equal(socket.sent.length, 1);
  socket.fire("message", { data: hello });
  socket.fire("message", { data: '{"error":{"message":"overloaded"}}' });
  assert.equal(socket.readyState, 2);
  socket.fire("close", { code: 1000, reason: "" });
  assert.deepEqual(logged, ["Hello, ", "error: overloaded", "close: 1000 ", "the answer is not whole"]);
});
