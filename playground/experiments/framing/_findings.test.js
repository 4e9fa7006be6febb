// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { findings } from "./findings.js";
import { brief, Recording, reports, start } from "../../../static/js/_testing/recording.js";

/** @param {Recording} recording @param {[number, string, object?][]} list reports of the event stream's side @param {[number, string][]} [end] of which the last is that it ended */
function found(recording, list, end = [[50, "error"]]) {
  return brief(findings({ capture: recording.capture, reports: reports("sse", [...list, ...(list.length > 0 ? end : [])]), controls: {}, started: start }));
}

/** A stream of an event and one of the type price, which ends. */
function stream() {
  return new Recording()
    .request(1, 0, "GET /play/framing/sse")
    .response(1, 1, 200, "text/event-stream")
    .event(1, 2, "hello", { id: "7" })
    .event(1, 3, "12\n13", { id: "7", type: "price" });
}

const hello = { type: "message", data: "hello", lastEventId: "7" };
const price = { type: "price", data: "12\n13", lastEventId: "7" };

test("the browser dispatched what the standard says", () => {
  const recording = stream().lastChunk(1, 10);
  assert.deepEqual(found(recording, [[3, "message", hello], [4, "message", price]]), [["sse", "good", "same", 10, { events: 2 }]]);
});

test("nothing is compared before the end, or without a browser", () => {
  assert.deepEqual(found(stream(), [[3, "message", hello]]), []);
  assert.deepEqual(found(stream().lastChunk(1, 10), [[3, "message", hello]], []), [], "the rest is on its way");
  assert.deepEqual(found(stream().end(1, 10, "client", "fin"), [[3, "message", hello]]), [], "the browser has left");
  assert.deepEqual(found(stream().lastChunk(1, 10), []), []);
});

test("the browser's event is another", () => {
  const recording = stream().lastChunk(1, 10);
  assert.deepEqual(found(recording, [[3, "message", { ...hello, lastEventId: "" }], [4, "message", price]]), [
    ["sse", "note", "different", 3, { place: 1, standard: 'message "hello" id "7"', browser: 'message "hello"' }],
  ]);
});

test("the browser dispatched one more, or one less", () => {
  const recording = stream().lastChunk(1, 10);
  const all = /** @type {[number, string, object][]} */ ([[3, "message", hello], [4, "message", price]]);
  assert.deepEqual(found(recording, [...all, [5, "message", hello]]), [
    ["sse", "note", "different", 5, { place: 3, standard: "–", browser: 'message "hello" id "7"' }],
  ]);
  assert.deepEqual(found(recording, [all[1]])[0][2], "different");
});

test("a type that nobody listens for", () => {
  assert.deepEqual(found(stream().lastChunk(1, 10), [[3, "message", hello]]), [
    ["sse", "note", "unheard", 3, { type: "price" }],
    ["sse", "good", "same", 10, { events: 1 }],
  ]);
});

test("a report that was shortened", () => {
  const shortened = { ...hello, data: "hel", length: 5 };
  assert.equal(found(stream().lastChunk(1, 10), [[3, "message", shortened], [4, "message", price]])[0][2], "same");
});

test("the last block is dropped", () => {
  const recording = stream().lastChunk(1, 10);
  recording.frame(1, "server", 10, "sse", "end", 0, {});
  assert.deepEqual(found(recording, [[3, "message", hello]]).at(-1), ["sse", "note", "unfinished", 10, {}]);
});

test("what the pieces cut in two", () => {
  const recording = stream();
  recording.frame(1, "server", 20, "sse", "field", 20, { "sse.field": "data", "sse.data": "a" });
  Object.assign(recording.capture.frames[recording.capture.frames.length - 1].fields[1], { piece: 1, pieces: 2 });
  assert.deepEqual(found(recording, []), [["sse", "note", "piece_data", 20, {}]]);
});

test("fragments of a message", () => {
  const recording = new Recording().request(1, 0, "GET /play/framing/ws", { "http.upgrade": "websocket" }).response(1, 1, 101);
  const frame = (/** @type {number} */ at, /** @type {string} */ kind, /** @type {string} */ fin) =>
    recording.frame(1, "server", at, "websocket", kind, 5, { "websocket.fin": fin, "websocket.payload": "x" });
  frame(2, "text", "1");
  frame(3, "text", "0");
  frame(4, "ping", "1");
  frame(5, "continuation", "0");
  frame(6, "continuation", "1");
  assert.deepEqual(found(recording, []), [["ws", "note", "fragments", 6, { fragments: 3 }]]);
});
