// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { findings } from "./findings.js";
import { brief, Recording, reports, start } from "../../../static/js/_testing/recording.js";

const controls = { cut: 2, how: "reset", retry: 1000, ids: true, total: 4 };

/** @param {Recording} recording @param {any[]} [list] reports @param {object} [more] controls */
function found(recording, list = [], more = {}) {
  return brief(findings({ capture: recording.capture, reports: list, controls: { ...controls, ...more }, started: start }));
}

/** A stream of the numbers, one every 10 ms. @param {Recording} recording @param {number} connection @param {number} at @param {number[]} numbers @param {string} [lastEventId] */
function stream(recording, connection, at, numbers, lastEventId) {
  recording.request(connection, at, "GET /play/reconnect/sse?cut=2", lastEventId ? { "http.last_event_id": lastEventId } : {});
  recording.response(connection, at + 1, 200, "text/event-stream");
  numbers.forEach((number, i) => recording.event(connection, at + 2 + 10 * i, String(number), { id: String(number) }));
  return recording;
}

/** A socket with the numbers. @param {Recording} recording @param {number} connection @param {number} at @param {number[]} numbers @param {string} [from] */
function socket(recording, connection, at, numbers, from = "") {
  recording.request(connection, at, `GET /play/reconnect/ws?cut=2${from && `&from=${from}`}`, { "http.upgrade": "websocket" });
  recording.response(connection, at + 1, 101);
  numbers.forEach((number, i) => recording.text(connection, at + 2 + 10 * i, "server", String(number)));
  return recording;
}

test("a stream that is reset comes back after retry, says where it was, and is told goodbye", () => {
  const recording = new Recording();
  stream(recording, 1, 0, [1, 2]).end(1, 22, "server", "reset");
  stream(recording, 2, 1031, [3, 4], "2").lastChunk(2, 1053);
  recording.request(2, 2060, "GET /play/reconnect/sse?cut=2", { "http.last_event_id": "4" }).response(2, 2061, 204);
  assert.deepEqual(found(recording), [
    ["sse", "cut", "reset", 22, { last: "2" }],
    ["sse", "gap", "gap", 22, 1031, { ms: 1009 }],
    ["sse", "good", "resumed", 1031, { id: "2" }],
    ["sse", "note", "asks_again", 1053, 2060, { ms: 1007 }],
    ["sse", "good", "goodbye", 2061, {}],
  ]);
});

test("times are those of the browser's clock", () => {
  const recording = stream(new Recording(), 1, 0, [1, 2]).end(1, 22, "server", "reset");
  recording.capture.clockOffset = 500;
  assert.deepEqual(found(recording), [["sse", "cut", "reset", -478, { last: "2" }]]);
});

test("without retry the browser waits its own time", () => {
  const recording = stream(new Recording(), 1, 0, [1, 2]).lastChunk(1, 22);
  stream(recording, 1, 3022, [3], "2");
  assert.deepEqual(found(recording, [], { retry: 0, how: "end" }).slice(0, 2), [
    ["sse", "cut", "ended", 22, { last: "2" }],
    ["sse", "gap", "gap_default", 22, 3022, { ms: 3000 }],
  ]);
});

test("while EventSource waits, the gap has no end", () => {
  const recording = stream(new Recording(), 1, 0, [1, 2]).end(1, 22, "server", "reset");
  assert.deepEqual(found(recording, reports("sse", [[23, "error", { readyState: 0 }]]))[1], ["sse", "gap", "waiting", 22, 23, {}]);
});

for (const [how, status, type, want] of /** @type {const} */ ([
  ["204", 204, "", ["gap", "no_content", 2002, {}]],
  ["500", 500, "text/plain", ["gap", "status", 2002, { status: 500 }]],
  ["type", 200, "text/plain", ["gap", "wrong_type", 2002, { type: "text/plain" }]],
  ["redirect", 307, "text/html", ["note", "redirected", {}]],
])) {
  test(`the next request is answered with ${how}`, () => {
    const recording = stream(new Recording(), 1, 0, [1, 2]).lastChunk(1, 22);
    recording.request(1, 1022, "GET /play/reconnect/sse?cut=2", { "http.last_event_id": "2" }).response(1, 1023, status, type);
    stream(recording, 2, 2000, [1]); // something later, so that there is a "until now"
    const [kind, word, ...rest] = want;
    const there = found(recording, [], { how }).find((finding) => finding[2] === word);
    assert.deepEqual(there, ["sse", kind, word, 1023, ...rest]);
  });
}

test("a client that leaves is no trouble", () => {
  const recording = stream(new Recording(), 1, 0, [1, 2]).end(1, 15, "client", "fin").end(1, 16, "server", "fin");
  socket(recording, 2, 0, [1, 2]).close(2, 15, "client", 1000).close(2, 16, "server", 1000);
  assert.deepEqual(found(recording), []);
});

test("what arrived twice, and what did not", () => {
  const list = reports("sse", [1, 2, 1, 2, 4].map((number, i) => [i, "message", { data: String(number) }]));
  assert.deepEqual(found(new Recording(), list), [
    ["sse", "note", "twice", 2, { numbers: "1–2" }],
    ["sse", "note", "lost", 4, { numbers: "3" }],
  ]);
});

test("what arrives later was not lost, and arrives once", () => {
  const list = reports("sse", [1, 2, 5, 3, 4].map((number, i) => [i, "message", { data: String(number) }]));
  assert.deepEqual(found(new Recording(), list), []);
});

test("an EventSource that comes at once, without retry, is one that the code has opened", () => {
  const recording = stream(new Recording(), 1, 0, [1, 2]).lastChunk(1, 22);
  stream(recording, 2, 40, [3], "2");
  assert.deepEqual(found(recording, [], { retry: 0, how: "end" })[1], ["sse", "gap", "own_wait", 22, 40, { ms: 18 }]);
});

test("a connection that only ends was not reset, and one without an answer was not refused", () => {
  const recording = socket(new Recording(), 1, 0, [1, 2]).end(1, 22, "server", "fin");
  recording.request(2, 100, "GET /play/reconnect/ws?from=2", { "http.upgrade": "websocket" }).end(2, 110, "server", "fin");
  assert.deepEqual(found(recording, reports("ws", [[23, "log"]])), [["ws", "gap", "own_wait", 22, 100, { ms: 78 }]]);
});

test("nobody calls a WebSocket back", () => {
  const recording = socket(new Recording(), 1, 0, [1, 2]).end(1, 22, "server", "reset");
  const list = reports("ws", [[23, "close", { code: 1006, wasClean: false }], [123, "end"]]);
  assert.deepEqual(found(recording, list), [
    ["ws", "cut", "reset", 22, { last: "2" }],
    ["ws", "gap", "nobody", 22, 123, { code: 1006 }],
  ]);
});

test("a program that has not ended may still reconnect, and was stopped before it did", () => {
  const recording = socket(new Recording(), 1, 0, [1, 2]).end(1, 22, "server", "reset");
  const list = reports("ws", [[23, "close", { code: 1006, wasClean: false }]]);
  assert.deepEqual(found(recording, list), [["ws", "cut", "reset", 22, { last: "2" }]]);
});

test("an EventSource that comes sooner than retry says is one that the code has opened", () => {
  const recording = stream(new Recording(), 1, 0, [1, 2]).end(1, 22, "server", "reset");
  stream(recording, 2, 122, [1, 2]);
  assert.deepEqual(found(recording)[1], ["sse", "gap", "own_wait", 22, 122, { ms: 100 }]);
});

test("unless the code does, and says where it was", () => {
  const recording = socket(new Recording(), 1, 0, [1, 2]).close(1, 22, "server", 1001).close(1, 23, "client", 1001).end(1, 24, "server", "fin");
  recording.request(2, 322, "GET /play/reconnect/ws?from=2", { "http.upgrade": "websocket" }).response(2, 323, 500, "text/plain");
  recording.frame(2, "server", 324, "http1", "body", 20, {}, "complete");
  socket(recording, 3, 824, [3, 4], "2").close(3, 850, "server", 1000);
  assert.deepEqual(found(recording), [
    ["ws", "cut", "going_away", 22, { code: 1001, last: "2" }],
    ["ws", "gap", "own_wait", 22, 322, { ms: 300 }],
    ["ws", "cut", "refused", 324, { status: 500 }],
    ["ws", "gap", "own_wait", 324, 824, { ms: 500 }],
    ["ws", "good", "from", 824, { from: 2 }],
    ["ws", "good", "closed", 850, { code: 1000 }],
  ]);
});

test("a terminal under the same capture is somebody else", () => {
  const recording = stream(new Recording(), 1, 0, [1, 2]).end(1, 22, "server", "reset");
  recording.request(2, 5000, "GET /play/reconnect/sse", { "http.user_agent": "curl/8" }).response(2, 5001, 200, "text/event-stream");
  assert.deepEqual(found(recording), [["sse", "cut", "reset", 22, { last: "2" }]]);
});
