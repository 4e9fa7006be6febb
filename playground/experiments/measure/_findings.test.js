// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { bytesPerMessage, findings } from "./findings.js";
import { brief, Recording, reports, start } from "../../../static/js/_testing/recording.js";

/** Two streams, the second on the connection that the first question had; and a socket. */
function run() {
  const post = { "http.content_length": "32" };
  const recording = new Recording();
  recording.request(1, 0, "GET /play/measure/sse").response(1, 1, 200, "text/event-stream").comment(1, 1, "open").event(1, 2, "x".repeat(50), { length: 64 });
  recording.request(2, 10, "POST /play/measure/send", post);
  recording.frame(2, "client", 10, "http1", "body", 32, {}).response(2, 11, 200).frame(2, "server", 11, "http1", "body", 50, {});
  recording.end(1, 20, "client", "fin");
  recording.request(2, 30, "GET /play/measure/sse").response(2, 31, 200, "text/event-stream").event(2, 32, "x".repeat(50), { length: 64 });
  recording.request(3, 40, "GET /play/measure/ws", { "http.upgrade": "websocket" }).response(3, 41, 101);
  return recording.text(3, 42, "server", "x".repeat(50)).text(3, 43, "client", "?".repeat(32)).text(3, 44, "server", "x".repeat(50)).capture;
}

test("bytes on the wire for one message", () => {
  assert.deepEqual(bytesPerMessage(run()), {
    sse: { push: 64, question: 232, answer: 200, text: { push: 50, question: 32, answer: undefined } },
    ws: { push: 52, question: 38, answer: 52, text: { push: 50, question: 32, answer: 50 } },
  });
});

test("nothing was sent", () => {
  const { sse, ws } = bytesPerMessage(new Recording().capture);
  assert.deepEqual([sse.push, sse.question, sse.answer, ws.push, ws.question, ws.answer], Array(6).fill(undefined));
});

/** @param {number} rounds that each side has finished, of two @param {number} [delay] */
function found(rounds, delay = 0) {
  /** @param {"sse"|"ws"} side @param {number} at @param {object} value */
  const report = (side, at, value) => reports(side, Array.from({ length: rounds }, (_, i) => [at + i, "report", { value }]));
  const list = [...report("sse", 50, { push: [0.5], roundTrip: [6] }), ...report("ws", 60, { push: [0.25], roundTrip: [1.5] })];
  return brief(findings({ capture: run(), reports: list, controls: { rounds: 2, delay }, started: start }));
}

test("the medians of both sides beside each other, once both are done", () => {
  assert.deepEqual(found(2), [
    ["sse", "note", "reused", 30, { streams: 2, old: 1 }],
    ["sse", "note", "push", 51, { sse: "0.500", ws: "0.250" }],
    ["sse", "note", "sse_trip", 51, { ms: "6.00", times: "4.0", rate: 167, delay: 0 }],
    ["ws", "note", "ws_trip", 61, { ms: "1.50", rate: 667, delay: 0 }],
  ]);
  const words = (/** @type {any[]} */ list) => list.map(([, , word]) => word);
  assert.deepEqual(words(found(1)), ["reused"]);
  assert.deepEqual(words(found(2, 50)), ["reused", "push", "sse_delayed", "ws_delayed"]);
});

test("where the clock has too large steps for a round trip, none is compared with it", () => {
  const list = [...reports("sse", [[50, "report", { value: { push: [0.5], roundTrip: [1] } }]]), ...reports("ws", [[60, "report", { value: { push: [0.25], roundTrip: [0] } }]])];
  const made = brief(findings({ capture: run(), reports: list, controls: { rounds: 1, delay: 0 }, started: start }));
  assert.deepEqual(made.map(([, , word]) => word), ["reused", "push"]);
});
