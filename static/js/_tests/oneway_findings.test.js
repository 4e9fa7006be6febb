// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { findings } from "../findings/oneway.js";
import { brief, Recording, start } from "./recording.js";

/** @param {Recording} recording @param {object} controls */
function found(recording, controls) {
  return brief(findings({ capture: recording.capture, reports: [], controls, started: start }));
}

/** Two messages on each side. */
function talk() {
  const recording = new Recording();
  recording.request(1, 0, "GET /play/oneway/sse").response(1, 1, 200, "text/event-stream");
  for (const [i, text] of ["hello 1", "hello 2"].entries()) {
    const at = 10 + 10 * i;
    recording.request(2, at, "POST /play/oneway/send").frame(2, "client", at, "http1", "body", 7 + i, {});
    recording.event(1, at + 1, text, { length: 21 + 2 * i });
    recording.response(2, at + 2, 204);
  }
  recording.request(3, 0, "GET /play/oneway/ws", { "http.upgrade": "websocket" }).response(3, 1, 101);
  for (const [at, text] of /** @type {const} */ ([[10, "hello 1"], [20, "hello 2"]])) {
    recording.text(3, at, "client", text).text(3, at + 1, "server", text);
  }
  return recording.close(3, 30, "client", 1000).close(3, 31, "server", 1000);
}

test("bytes for a message, up and down, on both sides", () => {
  assert.deepEqual(found(talk(), { payload: "text" }), [
    ["sse", "note", "up_post", 10, { bytes: 208, message: 8, answer: 150, head: 200 }],
    ["ws", "note", "up_socket", 10, { bytes: 13, message: 7 }],
    ["sse", "note", "down_stream", 11, { bytes: 22, message: 7 }],
    ["ws", "note", "down_socket", 11, { bytes: 9, message: 7 }],
  ]);
});

test("a picture is as large as it is, whatever text it travels as", () => {
  const sizes = found(talk(), { payload: "picture", size: 5 }).map((finding) => finding.at(-1).message);
  assert.deepEqual(sizes, [5, 5, 5, 5]);
});

test("nothing was said", () => {
  const recording = new Recording().request(1, 0, "GET /play/oneway/sse").response(1, 1, 200, "text/event-stream");
  assert.deepEqual(found(recording, {}), []);
});

test("a message that was refused is none", () => {
  const recording = new Recording().request(1, 0, "POST /play/oneway/send").response(1, 1, 413, "application/problem+json");
  assert.deepEqual(found(recording, {}), []);
});
