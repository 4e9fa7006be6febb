// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { findings } from "./findings.js";
import { brief, Recording, start } from "../../../static/js/_testing/recording.js";

/** @param {Recording} recording @param {object} controls */
function found(recording, controls) {
  return brief(findings({ capture: recording.capture, reports: [], controls, started: start }));
}

/** Two messages on each side. */
function talk() {
  const recording = new Recording();
  recording.request(1, 0, "GET /play/oneway/sse").response(1, 1, 200, "text/event-stream").comment(1, 1, "open");
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
  const sizes = found(talk(), { payload: "picture", size: 5 }).map((finding) => /** @type {any} */ (finding.at(-1)).message);
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

test("over HTTP/2 the frames of each stream are counted, and those between them are not", () => {
  const recording = new Recording();
  const { capture } = recording;
  const offset = { client: 0, server: 0 };
  /** @type {(from: "client"|"server", ms: number, kind: string, stream: number, length: number, more?: object) => any} */
  const frame = (from, ms, kind, stream, length, more) => {
    const at = new Date(start + ms).toISOString();
    const made = { connection: 1, from, at, offset: offset[from], length, protocol: "http2", kind, stream, exchange: stream && (stream + 1) / 2, fields: [], ...more };
    offset[from] += length;
    return made;
  };
  const head = (/** @type {Record<string, string>} */ values) => ({
    headers: Object.entries(values).map(([name, value]) => ({ name, value })),
  });
  const event = { type: "message", data: "hello 1", lastEventId: "" };
  const content = { fields: [{ name: "http2.data.data", offset: 9, length: 7, value: "hello 1" }] };
  capture.apply({
    connections: [{ number: 1, protocol: "h2", streams: [1, 3] }],
    frames: [
      frame("client", 0, "request", 1, 40, head({ ":method": "GET", ":path": "/play/oneway/sse" })),
      frame("server", 1, "response", 1, 30, head({ ":status": "200", "content-type": "text/event-stream" })),
      frame("client", 10, "request", 3, 50, head({ ":method": "POST", ":path": "/play/oneway/send" })),
      frame("client", 10, "window-update", 0, 13),
      frame("client", 10, "data", 3, 16, content),
      { ...frame("server", 11, "blank", 1, 0), protocol: "sse", sse: { event } },
      frame("server", 11, "data", 1, 25),
      frame("server", 12, "response", 3, 20, head({ ":status": "204" })),
    ],
  });
  assert.deepEqual(found(recording, { payload: "text" }), [
    ["sse", "note", "up_post", 10, { bytes: 66, message: 7, answer: 20, head: 59 }],
    ["sse", "note", "down_stream", 11, { bytes: 25, message: 7 }],
  ]);
});
