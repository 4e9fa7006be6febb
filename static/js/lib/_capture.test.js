// @ts-check
import assert from "node:assert/strict";
import test from "node:test";
import { Capture, parseTime, valueOf } from "./capture.js";
import * as make from "../_testing/documents.js";

test("a time keeps its fraction of a millisecond, in any zone", () => {
  assert.equal(parseTime("2026-11-22T08:00:00.123456789Z"), Date.parse("2026-11-22T08:00:00Z") + 123.456789);
  assert.equal(parseTime("2026-11-22T16:00:00.5+08:00"), Date.parse("2026-11-22T08:00:00.5Z"));
  assert.equal(parseTime("2026-11-22T08:00:00Z"), Date.parse("2026-11-22T08:00:00Z"));
});

test("documents add up: bytes of each direction, by their offset", () => {
  const capture = new Capture();
  capture.apply(make.document([make.connection(1, { client: "GET ", server: "HTTP" })], []));
  const much = "x".repeat(10_000);
  capture.apply(make.document([make.connection(1, { client: "/ HTTP/1.1", server: much })], []));
  const text = (/** @type {Uint8Array} */ bytes) => Buffer.from(bytes).toString();
  assert.equal(text(capture.bytesOf(1, "client", 0, 100)), "GET / HTTP/1.1");
  assert.equal(text(capture.bytesOf(1, "server", 2, 4)), "TPxx");
  assert.equal(capture.bytesOf(1, "server", 10_000, 100).length, 4);
  assert.equal(capture.bytesOf(9, "server", 0, 1).length, 0);
});

test("what the server said belongs to the side whose address was asked for", () => {
  const capture = new Capture();
  capture.apply({ log: [{ at: make.at(1), path: "/play/chat/sse", text: "one" }] });
  capture.apply({ log: [{ at: make.at(2), path: "/play/chat/ws", event: "late", text: "two at 3", key: "two_at", args: ["3"] }] });
  const said = [
    { side: "sse", time: make.time(1), event: "", text: "one", word: "", args: [] },
    { side: "ws", time: make.time(2), event: "late", text: "two at 3", word: "server.chat.two_at", args: ["3"] },
  ];
  assert.deepEqual(capture.log, said);
  capture.clear();
  assert.deepEqual(capture.log, []);
});

test("a connection's side is known from its request", () => {
  const capture = new Capture();
  const asks = (/** @type {number} */ number, /** @type {[string, string][]} */ ...headers) =>
    make.frame(number, "client", 0, 0, "http1/request", headers);
  capture.apply(
    make.document(
      [],
      [
        asks(1, ["http.request.uri", "/play/reconnect/sse"]),
        asks(2, ["http.request.uri", "/play/reconnect/ws?cut=1"]),
        asks(3, ["http.request.uri", "/elsewhere"], ["http.upgrade", "WebSocket"]),
        make.textFrame(4, 0, 0, "no request was seen"),
      ],
    ),
  );
  assert.deepEqual(
    [1, 2, 3, 4].map((number) => capture.sideOf(number)),
    ["sse", "ws", "ws", "ws"],
  );
});

test("lines are found by a range of bytes, those that only reach into it too", () => {
  const capture = new Capture();
  capture.apply(make.document([], [...make.eventChunk(1, 0, 0, "1"), ...make.eventChunk(1, 1, 20, "2")]));
  const offsets = (/** @type {number} */ start, /** @type {number} */ end) =>
    capture.linesIn(1, "server", start, end).map((line) => line.offset);
  assert.deepEqual(offsets(20, 40), [23, 29, 37]);
  assert.deepEqual(offsets(10, 24), [9, 17, 23]);
  assert.deepEqual(offsets(18, 20), []);
});

test("'change' is fired once for what comes together", async () => {
  const capture = new Capture();
  let changes = 0;
  capture.addEventListener("change", () => changes++);
  for (let i = 0; i < 5; i++) capture.apply(make.document([], []));
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(changes, 1);
});

test("the oldest frames are let go, and counted", () => {
  const capture = new Capture();
  const frames = Array.from({ length: 70_000 }, (_, i) => make.textFrame(1, i, 3 * i, "x"));
  capture.apply(make.document([], frames));
  assert.equal(capture.frames.length, 50_000);
  assert.equal(capture.forgotten, 20_000);
  assert.equal(capture.frames[0].offset, 60_000);
});

test("with the oldest frames go their events, segments and bytes", () => {
  const capture = new Capture();
  const frames = Array.from({ length: 70_000 }, (_, i) => make.textFrame(1, i, 3 * i, "x"));
  const segments = frames.map(({ at, offset }) => ({ from: "server", at, offset, length: 3 }));
  const events = frames.map(() => ({ type: "message", data: "x", lastEventId: "" }));
  const connection = { ...make.connection(1, { client: "x", server: "y".repeat(210_000) }), segments };
  capture.apply({ ...make.document([connection], frames), events });
  assert.equal(capture.events.length, 50_000);
  assert.equal(capture.connections.get(1)?.segments[0].offset, 60_000);
  assert.equal(capture.bytesOf(1, "server", 0, 2).length, 0);
  assert.equal(capture.bytesOf(1, "server", 209_998, 4).length, 2);
  capture.apply(make.document([make.connection(1, { server: "z" })], []));
  assert.equal(String.fromCharCode(...capture.bytesOf(1, "server", 209_999, 4)), "yz");
});

test("what the server has let go is counted", () => {
  const capture = new Capture();
  const gap = { from: "server", offset: 1, length: 5 };
  capture.apply(make.document([{ ...make.connection(1, { server: "ab" }), gaps: [gap] }], []));
  assert.equal(capture.missing, 5);
});

test("dropped bytes are those of all connections", () => {
  const capture = new Capture();
  capture.apply(make.document([make.connection(1, { dropped: 5 }), make.connection(2, { dropped: 7 })], []));
  assert.equal(capture.dropped, 12);
});

test("what HTTP/1.1 has fields for is found in the headers of HTTP/2", () => {
  const headers = [
    { name: ":method", value: "GET" },
    { name: ":path", value: "/play" },
    { name: "last-event-id", value: "7" },
  ];
  const frame = { ...make.frame(1, "client", 0, 0, "http2/request", [["http2.type", "1"]]), time: 0, headers };
  const value = (/** @type {string} */ name) => valueOf(/** @type {any} */ (frame), name);
  assert.equal(value("http.request.method"), "GET");
  assert.equal(value("http.request.uri"), "/play");
  assert.equal(value("http.last_event_id"), "7");
  assert.equal(value("http2.type"), "1");
  assert.equal(value("http.accept"), undefined);
});
