// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { bytesPerMessage } from "./bytes.js";
import { findings } from "./findings.js";
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

const controls = { rounds: 1, each: 2, size: 32, ask: 25, delay: 0 };

test("bytes on the wire for one message", () => {
  assert.deepEqual(bytesPerMessage(run(), controls), {
    longpoll: { text: {} },
    poll: { text: {} },
    sse: { push: 64, question: 232, answer: 200, text: { push: 50, question: 32, answer: undefined } },
    ws: { push: 52, question: 38, answer: 52, text: { push: 50, question: 32, answer: 50 } },
  });
});

/**
 * A program that asks: a request is 200 bytes, an answer 150 and its body.
 * @param {Recording} recording @param {number} at @param {string} query @param {[after: string, body: number][]} answers
 */
function asks(recording, at, query, answers) {
  for (const [i, [after, body]] of answers.entries()) {
    recording.request(5, at + 2 * i, `GET /play/measure/poll?capture=x${query}&after=${after}`).response(5, at + 2 * i + 1, 200, "application/json");
    recording.frame(5, "server", at + 2 * i + 1, "http1", "body", body, {});
  }
}

/** Two rounds of each, the first to warm up: two messages a round, one answer of the polling program brings nothing. */
function asked() {
  const recording = new Recording();
  for (const [i, at] of [100, 200].entries()) {
    asks(recording, at, "&hold=on", [["", 50], [`${i}7.1`, 50]]);
    asks(recording, at + 20, "", [["", 50], [`${i}8.1`, 20], [`${i}8.1`, 50]]);
  }
  return recording.capture;
}

test("what has to be asked for costs its requests, too, also those that bring nothing", () => {
  const { longpoll, poll, sse } = bytesPerMessage(asked(), controls);
  assert.deepEqual(longpoll, { push: 200, asked: 200, text: { push: 50 } });
  assert.deepEqual(poll, { push: (3 * 150 + 120) / 2, asked: 300, text: { push: 50 } });
  assert.equal(sse.push, undefined);
  // Of a run that was stopped, what is whole counts, and so it does of one that lacks its beginning.
  assert.deepEqual(bytesPerMessage(asked(), { ...controls, rounds: 4 }).longpoll, longpoll);
  const late = new Recording();
  asks(late, 90, "&hold=on", [["6.1", 50]]);
  for (const at of [100, 200]) asks(late, at, "&hold=on", [["", 50], [`${at}.1`, 50]]);
  assert.deepEqual(bytesPerMessage(late.capture, { ...controls, rounds: 2 }).longpoll, longpoll);
  assert.deepEqual(bytesPerMessage(asked(), { ...controls, each: 0 }).longpoll, { text: {} });
});

test("polling and long polling in a sentence each", () => {
  const list = [
    ...reports("sse", [[250, "report", { beside: "longpoll", value: { first: [2], push: [1, 3] } }]]),
    ...reports("sse", [[260, "report", { beside: "poll", value: { first: [2], push: [10, 30] } }]]),
  ];
  const made = brief(findings({ capture: asked(), reports: list, controls, started: start }));
  assert.deepEqual(made, [
    ["sse", "note", "longpoll", 250, { ms: "1.00", bytes: 400, ask: 25, requests: 4, empty: 0 }],
    ["sse", "note", "poll", 260, { ms: "10.0", bytes: 585, ask: 25, requests: 6, empty: 2 }],
  ]);
});

test("nothing was sent", () => {
  const { sse, ws } = bytesPerMessage(new Recording().capture, controls);
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
