// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { bytesPerMessage, findings } from "../findings/measure.js";
import { brief, Recording, reports, start } from "./recording.js";

/** Two streams, the second on the connection that the first question had; and a socket. */
function run() {
  const post = { "http.content_length": "32" };
  const recording = new Recording();
  recording.request(1, 0, "GET /play/measure/sse").response(1, 1, 200, "text/event-stream").event(1, 2, "x".repeat(50), { length: 64 });
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

/** @param {number} rounds that each side has finished, of two */
function found(rounds) {
  const trips = [
    ...reports("sse", Array.from({ length: rounds }, (_, i) => [50 + i, "report", { value: { roundTrip: [6] } }])),
    ...reports("ws", Array.from({ length: rounds }, (_, i) => [60 + i, "report", { value: { roundTrip: [1.5] } }])),
  ];
  return brief(findings({ capture: run(), reports: trips, controls: { rounds: 2 }, started: start }));
}

test("the round trips of both sides beside each other, once both are done", () => {
  assert.deepEqual(found(2), [
    ["sse", "note", "reused", 30, { streams: 2, old: 1 }],
    ["sse", "note", "sse_trip", 51, { ms: "6.00", times: "4.0", rate: 167 }],
    ["ws", "note", "ws_trip", 61, { ms: "1.50", times: "0.3", rate: 667 }],
  ]);
  assert.deepEqual(
    found(1).map(([, , word]) => word),
    ["reused"],
  );
});
