// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { findings } from "./findings.js";
import { brief, Recording, start } from "../../../static/js/_testing/recording.js";

/** @param {Recording} recording */
function found(recording) {
  return brief(findings({ capture: recording.capture, reports: [], controls: {}, started: start }));
}

/** A socket whose handshake is done. @param {Record<string, string>} [asked] @param {Record<string, string>} [answered] */
function socket(asked = {}, answered = {}) {
  return new Recording()
    .request(1, 0, "GET /play/echo/ws", { "http.upgrade": "websocket", ...asked })
    .frame(1, "server", 1, "http1", "response", 150, { "http.response.code": "101", ...answered });
}

const switched = ["ws", "good", "switched", 1, { up: 200, down: 150 }];
const key = { "websocket.masking_key": "00000000" };

test("the header of a frame, by the length that it has room for", () => {
  const recording = socket()
    .frame(1, "client", 10, "websocket", "text", 131, key)
    .frame(1, "server", 11, "websocket", "text", 127, {})
    .frame(1, "client", 20, "websocket", "binary", 134, { ...key, "websocket.payload_length_ext_16": "126" })
    .frame(1, "client", 30, "websocket", "binary", 65550, { ...key, "websocket.payload_length_ext_64": "65536" });
  assert.deepEqual(found(recording), [
    switched,
    ["ws", "note", "up_frame", 10, { payload: 125, header: 6, bits: 7, frames: 1, inflated: undefined }],
    ["ws", "note", "down_frame", 11, { payload: 125, header: 2, bits: 7, frames: 1, inflated: undefined }],
    ["ws", "note", "up_frame", 20, { payload: 126, header: 8, bits: 16, frames: 1, inflated: undefined }],
    ["ws", "note", "up_frame", 30, { payload: 65536, header: 14, bits: 64, frames: 1, inflated: undefined }],
  ]);
});

test("fragments are one message, and a compressed one is named by what it was", () => {
  const recording = socket()
    .frame(1, "server", 10, "websocket", "text", 12, {})
    .frame(1, "server", 11, "websocket", "ping", 2, {})
    .frame(1, "server", 12, "websocket", "continuation", 2, {})
    .frame(1, "server", 20, "websocket", "text", 65, {});
  const last = recording.capture.frames.at(-1);
  if (last) last.message = { first: 0, fragment: 1, length: 63, compressed: true, inflated: 4096 };
  assert.deepEqual(found(recording), [
    switched,
    ["ws", "note", "down_fragments", 10, { payload: 10, header: 4, bits: 7, frames: 2, inflated: undefined }],
    ["ws", "note", "down_deflated", 20, { payload: 63, header: 2, bits: 7, frames: 1, inflated: 4096 }],
  ]);
});

test("a ping and its pong", () => {
  const recording = socket().frame(1, "server", 2, "websocket", "ping", 3, {}).frame(1, "client", 7, "websocket", "pong", 7, key);
  assert.deepEqual(found(recording), [switched, ["ws", "note", "ping", 2, { ms: 5 }]]);
});

test("who closes, and with what", () => {
  const both = socket().close(1, 10, "client", 4000).close(1, 11, "server", 4000);
  assert.deepEqual(found(both), [switched, ["ws", "good", "client_closed", 10, { code: "4000", frames: 2 }]]);
  const server = socket().close(1, 10, "server", 1009);
  assert.deepEqual(found(server), [switched, ["ws", "cut", "server_closed", 10, { code: "1009", frames: 1 }]]);
  const empty = socket().frame(1, "client", 10, "websocket", "close", 6, key);
  assert.deepEqual(found(empty), [switched, ["ws", "note", "no_code", 10, {}]]);
});

test("a 101 that chooses none of the subprotocols that were offered", () => {
  const offered = { "http.sec_websocket_protocol": "echo.v2" };
  assert.deepEqual(found(socket(offered)), [["ws", "cut", "unchosen", 1, { offered: "echo.v2" }]]);
  assert.deepEqual(found(socket(offered, offered)), [switched]);
});

test("what breaks a rule is named with the rule, on either side", () => {
  const recording = socket().frame(1, "client", 10, "websocket", "close", 8, key).frame(1, "server", 11, "websocket", "close", 6, {});
  for (const frame of recording.capture.frames.slice(-2)) {
    frame.violations = [{ code: "websocket.close-reason", section: "RFC 6455 §5.5.1", message: "" }];
  }
  assert.deepEqual(found(recording).slice(1, 3), [
    ["ws", "cut", "against_client", 10, { section: "RFC 6455 §5.5.1" }],
    ["ws", "note", "no_code", 10, {}],
  ]);
  assert.equal(found(recording).at(-1)?.[2], "against_server");
});

/** A stream that says a payload back. @param {number} size @param {string} data @param {number} length of its chunk */
function stream(size, data, length) {
  const recording = new Recording().request(1, 0, "GET /play/echo/sse").response(1, 1, 200, "text/event-stream");
  recording.comment(1, 2, "ping");
  recording.request(2, 10, "POST /play/echo/send").frame(2, "client", 10, "http1", "body", size, {}).response(2, 11, 204);
  return recording.event(1, 12, data, { length });
}

const comment = ["sse", "note", "comment", 2, {}];

test("text is as many data lines as it has lines, and binary is base64", () => {
  assert.deepEqual(found(stream(9, "two\nlines", 30)), [
    comment,
    ["sse", "note", "event", 12, { payload: 9, bytes: 30, lines: 2, characters: 9 }],
  ]);
  assert.deepEqual(found(stream(3, "AAEC", 17)), [
    comment,
    ["sse", "note", "base64", 12, { payload: 3, bytes: 17, lines: 1, characters: 4 }],
  ]);
});

test("a comment that comes after the first POST is none of an event's bytes", () => {
  const recording = new Recording().request(1, 0, "GET /play/echo/sse").response(1, 1, 200, "text/event-stream");
  recording.request(2, 10, "POST /play/echo/send").frame(2, "client", 10, "http1", "body", 1, {}).response(2, 11, 204);
  recording.comment(1, 12, "open").event(1, 13, "x", { length: 14 });
  assert.deepEqual(found(recording), [["sse", "note", "event", 13, { payload: 1, bytes: 14, lines: 1, characters: 1 }]]);
});

test("close() on a stream says nothing, and the server's end is not spoken of", () => {
  assert.deepEqual(found(stream(1, "x", 14).end(1, 20, "client", "fin")).at(-1), ["sse", "note", "gone", 20, {}]);
  assert.equal(found(stream(1, "x", 14).lastChunk(1, 20)).length, 2);
});

test("a POST that was refused", () => {
  const recording = new Recording().request(1, 0, "POST /play/echo/send").response(1, 1, 413, "application/problem+json");
  assert.deepEqual(found(recording), [["sse", "cut", "refused", 1, { status: 413 }]]);
});
