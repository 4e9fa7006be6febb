// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { findings } from "./findings.js";
import { brief, Recording, reports, start } from "../../../static/js/_testing/recording.js";

const controls = { every: 5, size: 1000, total: 8, queue: 3, full: "block", work: 30, busy: true };

/** @param {Recording} recording @param {any[]} [list] reports @param {object} [more] controls */
function found(recording, list = [], more = {}) {
  return brief(findings({ capture: recording.capture, reports: list, controls: { ...controls, ...more }, started: start }));
}

/** @param {number} n @param {number} made @param {number} waiting @param {number} [dropped] */
function price(n, made, waiting, dropped = 0) {
  return `{"n":${n},"price":101.5,"made":${start + made},"waiting":${waiting},"dropped":${dropped},"book":"..."}`;
}

/** A stream of prices, each as [written, n, made, waiting, dropped]. @param {Recording} recording @param {number[][]} prices */
function stream(recording, prices) {
  recording.request(1, 0, "GET /play/pressure/sse").response(1, 1, 200, "text/event-stream");
  for (const [at, n, made, waiting, dropped] of prices) recording.event(1, at, price(n, made, waiting, dropped), { id: String(n) });
  return recording;
}

/** The same in a socket. @param {Recording} recording @param {number[][]} prices */
function socket(recording, prices) {
  recording.request(2, 0, "GET /play/pressure/ws", { "http.upgrade": "websocket" }).response(2, 1, 101);
  for (const [at, n, made, waiting, dropped] of prices) recording.text(2, at, "server", price(n, made, waiting, dropped));
  return recording;
}

/** Prices that all leave at once. @param {number} total */
const prompt = (total) => Array.from({ length: total }, (_, i) => [10 + 5 * i, i + 1, 10 + 5 * i, 0]);

/** The third Write waits 400 ms, the fifth 300 ms: the queue is full in the meantime. */
const held = [
  [10, 1, 10, 0],
  [15, 2, 15, 0],
  [20, 3, 20, 0],
  [420, 4, 25, 3],
  [421, 5, 30, 2],
  [721, 6, 35, 2],
  [722, 7, 425, 1],
  [723, 8, 430, 0],
];

test("a server whose socket was never full noticed nothing", () => {
  const recording = stream(new Recording(), prompt(8)).lastChunk(1, 60);
  assert.deepEqual(found(recording), [["sse", "note", "unnoticed", 45, { bytes: "8 kB" }]]);
});

test("a full socket: what it took, how long Write waited, and what waited behind it", () => {
  for (const [side, make] of /** @type {const} */ ([["sse", stream], ["ws", socket]])) {
    assert.deepEqual(found(make(new Recording(), held)), [
      [side, "gap", "full", 20, 721, { bytes: "3 kB", seconds: "0.7" }],
      [side, "note", "queue", 420, { waiting: 3 }],
    ]);
  }
});

test("times are those of the browser's clock", () => {
  const recording = socket(new Recording(), held);
  recording.capture.clockOffset = 500;
  const list = reports("ws", [[100, "log", { values: ["8", "waiting:", "0"] }]]);
  assert.deepEqual(found(recording, list).at(0), ["ws", "gap", "full", -480, 221, { bytes: "3 kB", seconds: "0.7" }]);
  assert.deepEqual(found(recording, list).at(-1), ["ws", "note", "age", 100, { n: 8, seconds: "0.2" }]);
});

test("a machine that stumbles is no full socket", () => {
  const recording = socket(new Recording(), [[10, 1, 10, 0], [15, 2, 15, 0], [75, 3, 20, 3], [76, 4, 25, 2], [77, 5, 30, 0], [78, 6, 78, 0], [79, 7, 79, 0], [80, 8, 80, 0]]);
  assert.deepEqual(found(recording), [["ws", "note", "unnoticed", 80, { bytes: "8 kB" }]]);
});

test("where Write was held up and the queue had room, that is what is said", () => {
  const recording = socket(new Recording(), held);
  const args = { bytes: "8 kB", waiting: 3, queue: 100, seconds: "0.7" };
  assert.deepEqual(found(recording, [], { queue: 100 }), [["ws", "note", "late", 723, args]]);
});

test("a stream that ended early, with room in the queue, was not ended for it", () => {
  const ended = stream(new Recording(), prompt(4)).lastChunk(1, 60);
  assert.deepEqual(found(ended, [], { full: "disconnect" }), []);
});

test("what was dropped, and whether the last one was", () => {
  const oldest = socket(new Recording(), [[10, 1, 10, 0], [410, 5, 30, 2, 3], [411, 7, 40, 1, 3], [412, 8, 45, 0, 3]]).close(2, 413, "server", 1000);
  assert.deepEqual(found(oldest, [], { full: "oldest" }).at(-1), ["ws", "note", "dropped", 412, { dropped: 4, total: 8, last: 8 }]);
  const newest = socket(new Recording(), [[10, 1, 10, 0], [410, 2, 15, 2, 0], [411, 3, 20, 1, 1], [412, 4, 25, 0, 2]]).close(2, 413, "server", 1000);
  assert.deepEqual(found(newest, [], { full: "newest" }).at(-1), ["ws", "note", "dropped_last", 412, { dropped: 4, total: 8, last: 4 }]);
});

test("a client that was disconnected", () => {
  const early = held.slice(0, 6);
  const closed = socket(new Recording(), early).close(2, 730, "server", 1013);
  assert.deepEqual(found(closed, [], { full: "disconnect" }).at(-1), ["ws", "cut", "closed", 730, { code: 1013, last: 6 }]);

  const ended = stream(new Recording(), early).lastChunk(1, 730);
  ended.request(1, 930, "GET /play/pressure/sse", { "http.last_event_id": "6" }).response(1, 931, 200, "text/event-stream");
  ended.event(1, 940, price(7, 940, 0)).event(1, 945, price(8, 945, 0)).lastChunk(1, 946);
  ended.request(1, 1150, "GET /play/pressure/sse", { "http.last_event_id": "8" }).response(1, 1151, 204);
  assert.deepEqual(found(ended, [], { full: "disconnect" }).filter(([, , word]) => !["full", "queue", "unnoticed"].includes(String(word))), [
    ["sse", "cut", "ended", 730, { last: 6 }],
    ["sse", "note", "again", 930, { ms: 200, id: "6" }],
    ["sse", "good", "goodbye", 1151, { id: "8" }],
  ]);
});

test("what lay in the page, and how old the last price was", () => {
  const recording = socket(new Recording(), prompt(8));
  const arrived = prompt(8).map(([at, n, made]) => /** @type {[number, string, object]} */ ([at + 1, "message", { data: price(n, made, 0) }]));
  const handled = prompt(8).map(([, n]) => /** @type {[number, string, object]} */ ([100 * n, "log", { values: [String(n), "waiting:", "0"] }]));
  assert.deepEqual(found(recording, reports("ws", [...arrived, ...handled])).slice(1), [
    ["ws", "gap", "page", 46, { messages: 8, bytes: "8 kB" }],
    ["ws", "note", "age", 800, { n: 8, seconds: "0.8" }],
  ]);
});

test("of what a page holds nothing is said where its program does not tell, or the server has noticed", () => {
  const arrived = prompt(8).map(([at, n, made]) => /** @type {[number, string, object]} */ ([at + 1, "message", { data: price(n, made, 0) }]));
  const every = (/** @type {number} */ step) => prompt(8).filter(([, n]) => n % step === 0).map(([, n]) => /** @type {[number, string, object]} */ ([100 * n, "log", { values: [String(n)] }]));
  const words = (/** @type {Recording} */ recording, /** @type {any[]} */ list) => found(recording, reports("ws", list)).map(([, , word]) => word);
  assert.deepEqual(words(socket(new Recording(), prompt(8)), [...arrived, ...every(4)]), ["unnoticed", "age"]);
  const late = held.map(([, n, made]) => /** @type {[number, string, object]} */ ([800, "message", { data: price(n, made, 0) }]));
  const handled = held.map(([, n]) => /** @type {[number, string, object]} */ ([900 + n, "log", { values: [String(n)] }]));
  assert.deepEqual(words(socket(new Recording(), held), [...late, ...handled]), ["full", "queue", "age"]);
});

test("upwards: bufferedAmount rises, and what was not read is lost", () => {
  const recording = new Recording().request(2, 0, "GET /play/pressure/ws?way=up", { "http.upgrade": "websocket" }).response(2, 1, 101);
  recording.text(2, 20, "client", "x".repeat(994)).close(2, 90, "server", 1008);
  const list = reports("ws", [
    [10, "send", { data: "x".repeat(994) }],
    [11, "log", { values: ["1", "sent, bufferedAmount", "0"] }],
    [20, "send", { data: "x".repeat(100), length: 2_000_000 }],
    [21, "log", { values: ["2", "sent, bufferedAmount", "1500000"] }],
    [91, "log", { values: ["close:", "1008", "bufferedAmount", "1400000"] }],
  ]);
  assert.deepEqual(found(recording, list), [
    ["ws", "gap", "buffered", 11, 91, { bytes: "1.5 MB" }],
    ["ws", "cut", "unread", 90, { given: "2.0 MB", read: "1 kB" }],
  ]);
});

test("upwards in requests: one at a time", () => {
  const recording = new Recording();
  for (const i of [0, 1]) recording.request(1, 300 * i, "POST /play/pressure/send").response(1, 300 * i + 260, 204);
  assert.deepEqual(found(recording), [["sse", "good", "posts", 560, { posts: 2, ms: 260 }]]);
});

test("upwards: what was all read is not lost, and requests at the same time are not one at a time", () => {
  const recording = new Recording().request(2, 0, "GET /play/pressure/ws?way=up", { "http.upgrade": "websocket" }).response(2, 1, 101);
  recording.text(2, 20, "client", "x".repeat(100), 100).close(2, 90, "server", 1000);
  assert.deepEqual(found(recording, reports("ws", [[10, "send", { data: "x".repeat(100) }]])), []);

  const posts = new Recording();
  for (const i of [0, 1]) posts.request(i + 1, 10 * i, "POST /play/pressure/send").response(i + 1, 10 * i + 260, 204);
  assert.deepEqual(found(posts), []);
});
