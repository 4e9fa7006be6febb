// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { findings } from "./findings.js";
import { brief, Recording, reports, start } from "../../../static/js/_testing/recording.js";

/** @param {Record<string, string>} delta */
function chunk(delta) {
  return JSON.stringify({ id: "chatcmpl-1", choices: [{ index: 0, delta, finish_reason: null }] });
}

const role = chunk({ role: "assistant", content: "" });
const tokens = ["One", " \"two\"", " three"].map((content) => chunk({ content }));

/** @param {Recording} recording @param {any[]} [list] reports */
function found(recording, list = []) {
  return brief(findings({ capture: recording.capture, reports: list, controls: {}, started: start }));
}

/** An answer that has got so far, one event every 10 ms of 100 bytes. @param {Recording} recording @param {number} connection @param {number} at @param {string[]} messages @param {string} [method] */
function stream(recording, connection, at, messages, method = "POST") {
  recording.request(connection, at, `${method} /play/chat/sse`).response(connection, at + 1, 200, "text/event-stream");
  messages.forEach((message, i) => recording.event(connection, at + 10 + 10 * i, message, { length: 100 }));
  return recording;
}

/** @param {Recording} recording @param {string[]} messages */
function socket(recording, messages) {
  recording.request(9, 0, "GET /play/chat/ws", { "http.upgrade": "websocket" }).response(9, 1, 101).text(9, 5, "client", "{}");
  messages.forEach((message, i) => recording.text(9, 10 + 10 * i, "server", message, 90));
  return recording;
}

test("a whole answer", () => {
  const whole = [role, ...tokens, "[DONE]"];
  const recording = socket(stream(new Recording(), 1, 0, whole), whole);
  assert.deepEqual(found(recording), [
    ["sse", "note", "type", 1, { method: "POST" }],
    ["sse", "note", "first", 20, { ms: 20 }],
    ["ws", "note", "first", 20, { ms: 15 }],
    ["sse", "good", "whole", 50, { tokens: 3, bytes: 167 }],
    ["ws", "good", "whole", 50, { tokens: 3, bytes: 150 }],
  ]);
});

test("a real model fails, and the server ends in good order", () => {
  const recording = stream(new Recording(), 1, 0, [role, ...tokens, '{"error":{"message":"overloaded"}}']).lastChunk(1, 60).end(1, 61, "server", "fin");
  assert.deepEqual(found(recording).at(-1), ["sse", "cut", "failed", 60, { tokens: 3 }]);
});

test("reads are not events", () => {
  const recording = stream(new Recording(), 1, 0, [role, ...tokens]);
  const read = (/** @type {number} */ at) => /** @type {[number, string, object]} */ ([at, "read", { bytes: 50 }]);
  assert.deepEqual(found(recording, reports("sse", [read(11), read(21), read(31), read(41), [50, "end"]])).length, 2);
  assert.deepEqual(found(recording, reports("sse", [read(11), read(41)])).length, 2, "it may not have read all yet");
  assert.deepEqual(found(recording, reports("sse", [read(11), read(41), [50, "end"]])).at(-1), ["sse", "note", "reads", 41, { reads: 2, events: 4 }]);
});

test("the server cuts, and EventSource asks again", () => {
  const recording = stream(new Recording(), 1, 0, [role, ...tokens], "GET").end(1, 50, "server", "reset");
  stream(recording, 2, 3050, [role], "GET");
  assert.deepEqual(found(recording).slice(2), [
    ["sse", "cut", "cut", 50, { tokens: 3 }],
    ["sse", "gap", "again", 50, 3050, { ms: 3000 }],
  ]);
});

test("an answer that ends in another way was not reset, and another question is not the same one", () => {
  const recording = stream(new Recording(), 1, 0, [role, tokens[0]], "GET").lastChunk(1, 40);
  assert.deepEqual(found(recording).map(([, , word]) => word), ["type", "first", "failed"]);
  const cut = stream(new Recording(), 1, 0, [role, tokens[0]], "GET").end(1, 40, "server", "reset");
  cut.request(2, 900, "GET /play/chat/sse?question=another").response(2, 901, 200, "text/event-stream");
  assert.deepEqual(found(cut).map(([, , word]) => word), ["type", "first", "cut"]);
});

test("a program that posts its question again is no EventSource", () => {
  const recording = stream(new Recording(), 1, 0, [role, ...tokens]).end(1, 50, "server", "reset");
  stream(recording, 2, 3050, [role]);
  assert.deepEqual(found(recording).slice(2), [["sse", "cut", "cut", 50, { tokens: 3 }]]);
});

test("the server notices that the client has left", () => {
  const recording = stream(new Recording(), 1, 0, [role, tokens[0]]).end(1, 45, "client", "fin").lastChunk(1, 47).end(1, 48, "server", "fin");
  socket(recording, [role, tokens[0]]).close(9, 45, "client", 1001).close(9, 45, "server", 1001);
  assert.deepEqual(found(recording).slice(3), [
    ["sse", "note", "noticed", 45, { ms: 2, tokens: 1 }],
    ["ws", "note", "noticed", 45, { ms: "<1", tokens: 1 }],
  ]);
});

test("an answer that ends before its first token, by either side", () => {
  const cut = stream(new Recording(), 1, 0, [role]).end(1, 45, "server", "reset");
  assert.deepEqual(found(cut).slice(1), [["sse", "cut", "cut", 45, { tokens: 0 }]]);
  const left = stream(new Recording(), 1, 0, [role]).end(1, 45, "client", "fin").end(1, 48, "server", "fin");
  assert.deepEqual(found(left).slice(1), [["sse", "note", "noticed", 45, { ms: 3, tokens: 0 }]]);
  assert.deepEqual(found(stream(new Recording(), 1, 0, [role, "[DONE]"])).slice(1), []);
});

test("an answer that is no stream, or has no token yet", () => {
  const recording = new Recording().request(1, 0, "POST /play/chat/sse").response(1, 1, 400, "application/json");
  assert.deepEqual(found(stream(recording, 2, 10, [role])), [["sse", "note", "type", 11, { method: "POST" }]]);
});
