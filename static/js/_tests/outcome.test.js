// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { outcomeOf, refusalOf } from "../lib/outcome.js";

/**
 * @param {object[]} reports
 * @param {string | undefined} word
 * @param {boolean} [trouble]
 */
function gives(reports, word, trouble = false) {
  const all = reports.map((report, at) => /** @type {any} */ ({ side: "sse", at, ...report }));
  const outcome = outcomeOf(all);
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

test("a refusal is read from the bytes", () => {
  const field = (/** @type {string} */ name, /** @type {string} */ value) => ({ name, value });
  const capture = /** @type {any} */ ({
    sideOf: (/** @type {number} */ connection) => (connection === 1 ? "sse" : "ws"),
    frames: [
      { connection: 2, kind: "response", fields: [field("http.response.code", "101")] },
      { connection: 1, kind: "response", fields: [field("http.response.code", "503"), field("http.content_type", "application/problem+json")] },
      { connection: 1, kind: "body", fields: [field("http.file_data", '{"code":"streams","detail":"too many"}')] },
    ],
  });
  assert.deepEqual(refusalOf(capture, "sse"), { status: 503, code: "streams", detail: "too many" });
  assert.equal(refusalOf(capture, "ws"), undefined);
});
