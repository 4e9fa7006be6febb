// @ts-check
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { outcomeIn, outcomeOf } from "./outcome.js";
import { setWords } from "./words.js";

setWords(JSON.parse(readFileSync(new URL("../../../content/ui/en.json", import.meta.url), "utf8")));

/**
 * @param {object[]} reports
 * @param {string | undefined} word
 * @param {boolean} [trouble]
 * @param {boolean} [stopped]
 */
function gives(reports, word, trouble = false, stopped = false) {
  const all = reports.map((report, at) => /** @type {any} */ ({ side: "sse", at, ...report }));
  const outcome = outcomeOf(all, stopped);
  assert.equal(outcome?.word, word);
  if (outcome) assert.equal(outcome.trouble, trouble);
}

const open = { kind: "open" };
const message = { kind: "message", type: "message", data: "1" };
const end = { kind: "end" };

test("nothing yet", () => gives([{ kind: "log", values: ["hi"] }], undefined));
test("connected", () => gives([open, message], "outcome.open"));
test("EventSource connects again, and has", () => {
  gives([open, message, { kind: "error", readyState: 0 }], "outcome.again", true);
  gives([open, message, { kind: "error", readyState: 0 }, open], "outcome.open");
});
test("EventSource is closed by its program, or by the learner", () => {
  gives([open, message, { kind: "error", readyState: 0 }, end], "outcome.ended");
  gives([open, message], "outcome.stopped", false, true);
  gives([open, message, end], "outcome.ended", false, true);
});
test("EventSource gives up", () => gives([open, { kind: "error", readyState: 2 }, end], "outcome.given_up", true));
test("WebSocket is cut off", () => {
  const close = { kind: "close", code: 1006, reason: "", wasClean: false };
  gives([open, message, { kind: "error", readyState: 3 }, close, end], "outcome.cut", true);
});
test("WebSocket closes", () => gives([open, { kind: "close", code: 1000, wasClean: true }, end], "outcome.closed"));
test("a body is read to its end", () => {
  gives([{ kind: "fetch", status: 200 }, { kind: "read", bytes: 5 }], "outcome.open");
  gives([{ kind: "fetch", status: 200 }, { kind: "read", bytes: 5 }, end], "outcome.ended");
});
test("a body is cut off, or not there", () => {
  gives([{ kind: "fetch", status: 200 }, { kind: "read", bytes: 5 }, { kind: "error", message: "network error" }], "outcome.failed", true);
  gives([{ kind: "fetch", status: 503 }, end], "outcome.status", true);
});
test("code that throws says where, whatever comes after", () => {
  gives([open, { kind: "throw", message: "x", line: 3, column: 1 }, message, end], "outcome.thrown_at", true);
  gives([{ kind: "throw", message: "5" }, end], "outcome.thrown", true);
  gives([{ kind: "throw", code: "endless", seconds: 5 }, end], "outcome.endless", true);
});

/** @param {Record<string, string>[]} heads of the answers that the SSE side got; "body" comes after its head */
function answered(...heads) {
  const frames = heads.flatMap(({ body, ...head }, i) => [
    { connection: 1, offset: 2 * i, kind: "response", fields: Object.entries(head).map(([name, value]) => ({ name, value })) },
    { connection: 1, offset: 2 * i + 1, kind: "body", fields: body ? [{ name: "http.file_data", value: body }] : [] },
  ]);
  return /** @type {any} */ ({ frames, sideOf: (/** @type {number} */ connection) => (connection === 1 ? "sse" : "ws"), hopOf: () => "" });
}

const givenUp = { word: "outcome.given_up", args: {}, trouble: true };
const ok = { "http.response.code": "200", "http.content_type": "text/event-stream" };

test("the bytes say why EventSource has given up", () => {
  assert.equal(outcomeIn(answered(ok, { "http.response.code": "204" }), "sse", givenUp)?.word, "outcome.goodbye");
  assert.deepEqual(outcomeIn(answered(ok, { "http.response.code": "500" }), "sse", givenUp)?.args, { status: 500 });
  assert.equal(outcomeIn(answered(ok), "sse", givenUp), givenUp);
  assert.equal(outcomeIn(answered({ "http.response.code": "204" }), "ws", givenUp), givenUp);
});

test("a refusal is read from the bytes", () => {
  const problem = { "http.response.code": "503", "http.content_type": "application/problem+json" };
  const of = (/** @type {string} */ body) => outcomeIn(answered({ ...problem, body }), "sse", givenUp);
  assert.equal(of('{"code":"too-many-streams"}')?.word, "problem.too-many-streams");
  assert.equal(of('{"code":"crowded"}')?.word, "problem.crowded");
  assert.equal(of('{"code":"room-full"}')?.word, "problem.room-full");
  assert.equal(of('{"code":"range","control":"cut","detail":"0 to 50"}')?.word, "problem.control");
  assert.deepEqual(of('{"code":"new","detail":"no"}'), { word: "problem.other", args: { code: "new", detail: "no", control: "", status: 503 }, trouble: true });
  assert.equal(of('{"code":"too-ma')?.word, "problem.other");
});

test("the body of the request that was refused is not the reason", () => {
  const capture = answered({ "http.response.code": "413", "http.content_type": "application/problem+json", body: '{"code":"too-large"}' });
  capture.frames.unshift(/** @type {any} */ ({ connection: 1, from: "client", offset: 450, kind: "body", fields: [{ name: "http.file_data", value: "hello" }] }));
  assert.equal(outcomeIn(capture, "sse", givenUp)?.word, "problem.too-large");
});
