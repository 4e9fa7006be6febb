// @ts-check
// Runs the client programs as they are, against a server made by hand.

import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { connections, response, start } from "../../../static/js/_testing/program.js";

const controls = { prompt: "?", then: "nothing", stop: 0, patience: 2000 };

test.beforeEach(() => mock.timers.enable({ apis: ["setTimeout"] }));
test.afterEach(() => mock.timers.reset());

/** Lets so many ms pass. @param {number} ms */
async function pass(ms) {
  for (let i = 0; i < ms; i += 100) {
    mock.timers.tick(100);
    for (let turns = 0; turns < 5; turns++) await new Promise((resolve) => setImmediate(resolve));
  }
}

const tokens = ["A ", "sky", "!"].map((text, i) => JSON.stringify({ n: i + 1, text }));
const finish = '{"finish":"stop"}';
const error = '{"error":{"message":"too much"}}';

/** @param {string[]} list */
const stream = (list) => list.map((data) => `data: ${data}\n\n`).join("");

/** A body that breaks off. @param {string} text */
function broken(text) {
  const body = new ReadableStream({
    start: (controller) => controller.enqueue(new TextEncoder().encode(text)),
    pull: (controller) => controller.error(new TypeError("network error")),
  }, { highWaterMark: 0 });
  return new Response(body, { headers: { "Content-Type": "text/event-stream" } });
}

/** A body that hangs, until the request is aborted. @param {string} text @param {AbortSignal} signal */
function hanging(text, signal) {
  const body = new ReadableStream({
    start: (controller) => {
      controller.enqueue(new TextEncoder().encode(text));
      signal.addEventListener("abort", () => controller.error(signal.reason));
    },
  });
  return new Response(body, { headers: { "Content-Type": "text/event-stream" } });
}

/**
 * Runs fetch.js, with an answer for each request.
 * @param {((signal: AbortSignal) => Response)[]} answers
 * @param {object} [more] controls
 */
async function fetched(answers, more) {
  /** @type {any[]} */
  const asked = [];
  /** @type {unknown[]} */
  const reports = [];
  const fetch = async (/** @type {URL} */ address, /** @type {any} */ options) => {
    asked.push({ attempt: address.searchParams.get("attempt"), ...options });
    return answers[asked.length - 1](options.signal);
  };
  const { logged, ended } = start(new URL("./fetch.js", import.meta.url), {
    controls: { ...controls, ...more },
    report: (/** @type {unknown} */ value) => reports.push(value),
    fetch,
  });
  await Promise.race([ended, pass(6000)]);
  return { asked, reports, logged };
}

test("fetch.js names each ending", async () => {
  const whole = stream([...tokens, finish, "[DONE]"]);
  for (const [answer, ending, why, text] of /** @type {[(signal: AbortSignal) => Response, string, string, string][]} */ ([
    [() => response([whole]), "complete", "stop", "A sky!"],
    [() => response([whole.replaceAll("\n", "\r\n")]), "complete", "stop", "A sky!"],
    [() => response(["{}"], { status: 401, type: "application/json" }), "refused", "401", ""],
    [() => response(["<html>"], { type: "text/html" }), "refused", "200", ""],
    [() => response([stream(tokens) + `event: error\n${stream(['{"message":"too much"}'])}`]), "failed", "too much", "A sky!"],
    [() => response([stream([tokens[0], error])]), "failed", "too much", "A "],
    [() => response([stream(tokens)]), "broken", "it ended without [DONE]", "A sky!"],
    [() => response([stream(tokens) + "<html>\r\n<title>504: x</title>\r\n</html>\r\n"]), "broken", "it ended without [DONE]", "A sky!"],
    [() => broken(stream(tokens)), "broken", "TypeError: network error", "A sky!"],
    [(signal) => hanging(stream(tokens), signal), "silent", "abort()", "A sky!"],
  ])) {
    const { reports, logged, asked } = await fetched([answer]);
    assert.deepEqual([reports, logged, asked.length], [[ending], text ? [why, text] : [why], 1]);
  }
});

test("comments are signs of life", async () => {
  const { reports } = await fetched([() => {
    let n = 0;
    const body = new ReadableStream({
      pull: (controller) => new Promise((resolve) => setTimeout(() => {
        controller.enqueue(new TextEncoder().encode(n++ < 3 ? ": wait\n\n" : stream(["[DONE]"])));
        resolve(undefined);
      }, 1500)),
    }, { highWaterMark: 0 });
    return new Response(body, { headers: { "Content-Type": "text/event-stream" } });
  }]);
  assert.deepEqual(reports, ["complete"]);
});

test("fetch.js stops, and a stop is final", async () => {
  const { reports, asked } = await fetched([(signal) => hanging(stream(tokens), signal)], { stop: 2, then: "resume" });
  assert.deepEqual([reports, asked.length], [["stopped"], 1]);
});

test("fetch.js asks again: as a new question, with a key, or from a number", async () => {
  const all = stream([...tokens, finish, "[DONE]"]);
  for (const [then, rest, key, after] of /** @type {const} */ ([["again", all, false, undefined], ["key", all, true, undefined], ["resume", stream([...tokens.slice(2), finish, "[DONE]"]), true, 2]])) {
    const { reports, logged, asked } = await fetched([() => broken(stream(tokens.slice(0, 2))), () => response([rest])], { then });
    assert.deepEqual(reports, ["broken", "complete"]);
    assert.equal(logged.at(-1), "A sky!");
    assert.deepEqual(asked.map(({ attempt }) => attempt), ["1", "2"]);
    const keys = asked.map(({ headers }) => headers["Idempotency-Key"]);
    assert.equal(keys[0], keys[1]);
    assert.equal(keys[0] !== undefined, key);
    assert.equal(asked[1].headers["Last-Event-ID"], after);
  }
});

test("fetch.js waits as long as the server says, and not for a wrong key", async () => {
  const later = () => Object.assign(new Response("{}", { status: 429, headers: { "Retry-After": "3" } }));
  const { reports, asked } = await fetched([later, () => response([stream(["[DONE]"])])], { then: "again" });
  assert.deepEqual([reports, asked.length], [["refused", "complete"], 2]);
  const wrong = await fetched([() => response(["{}"], { status: 401 })], { then: "again" });
  assert.deepEqual(wrong.reports, ["refused"]);
});

/** Runs ws.js against sockets that do() moves. @param {(socket: any, n: number) => void} act @param {object} [more] controls */
async function socketed(act, more) {
  const WebSocket = connections();
  /** @type {unknown[]} */
  const reports = [];
  const { logged } = start(new URL("./ws.js", import.meta.url), {
    controls: { ...controls, ...more },
    report: (/** @type {unknown} */ value) => reports.push(value),
    WebSocket,
  });
  for (let n = 0, i = 0; i < 60; i++) {
    await pass(100);
    if (n < WebSocket.all.length) act(WebSocket.all[n], ++n);
  }
  return { reports, logged, sockets: WebSocket.all };
}

/** @param {any} socket @param {string[]} list @param {object} [close] */
function say(socket, list, close) {
  socket.fire("open");
  for (const data of list) socket.fire("message", { data });
  if (close) socket.fire("close", { reason: "", ...close });
}

test("ws.js names each ending", async () => {
  for (const [list, close, ending, why] of /** @type {[string[], object | undefined, string, string][]} */ ([
    [[...tokens, finish, "[DONE]"], { code: 1000 }, "complete", "stop"],
    [[], { code: 1013, reason: "retry" }, "refused", "close 1013 retry"],
    [tokens, { code: 1011 }, "failed", "close 1011 "],
    [[...tokens, error], { code: 1000 }, "failed", "too much"],
    [tokens, { code: 1000 }, "broken", "close 1000 "],
    [tokens, { code: 1006 }, "broken", "close 1006 "],
    [tokens, undefined, "silent", "nothing came"],
  ])) {
    const { reports, logged, sockets } = await socketed((socket) => say(socket, list, close));
    assert.deepEqual([reports, logged[0], sockets.length], [[ending], why, 1]);
  }
});

test("ws.js stops, and asks again", async () => {
  const stopped = await socketed((socket) => say(socket, tokens), { stop: 2, then: "resume" });
  assert.deepEqual([stopped.reports, stopped.sockets[0].readyState], [["stopped"], 2]);

  const all = [...tokens, finish, "[DONE]"];
  for (const [then, rest, after] of /** @type {const} */ ([["again", all, undefined], ["key", all, undefined], ["resume", all.slice(2), 2]])) {
    const { reports, logged, sockets } = await socketed((socket, n) => (n === 1 ? say(socket, tokens.slice(0, 2), { code: 1006 }) : say(socket, rest, { code: 1000 })), { then });
    assert.deepEqual(reports, ["broken", "complete"]);
    assert.equal(logged.at(-1), "A sky!");
    const [first, second] = sockets.map(({ sent }) => JSON.parse(String(sent[0])));
    assert.equal(first.key, second.key);
    assert.equal(second.after, after);
    assert.equal(second.key === undefined, then === "again");
  }
});
