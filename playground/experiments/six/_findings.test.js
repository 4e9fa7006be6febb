// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { findings, laneAt, lanes } from "./findings.js";
import { brief, Recording, reports, start } from "../../../static/js/_testing/recording.js";

const controls = { events: 4, every: 500 };

/** @param {string} path */
const address = (path) => `http://here${path}`;

/**
 * Streams that are asked for at once; the connection of each, and when its
 * request is at the server. Each is open for two seconds.
 * @param {[number, number][]} came
 */
function streams(came) {
  const recording = new Recording();
  const steps = came.flatMap(([connection, at], i) => [
    { at, step: () => void recording.request(connection, at, `GET /play/six/sse?topics=tab-${i + 1}`).response(connection, at + 1, 200, "text/event-stream") },
    { at: at + 2000, step: () => void recording.lastChunk(connection, at + 2000) },
  ]);
  for (const { step } of steps.sort((a, b) => a.at - b.at)) step();
  return recording;
}

/** @param {number} count @param {[number, string, object?][]} more */
function asked(count, ...more) {
  const list = Array.from({ length: count }, (_, i) => [5, "request", { address: address(`/play/six/sse?topics=tab-${i + 1}`) }]);
  return reports("sse", /** @type {any} */ ([...list, ...more]));
}

/** @param {Recording} recording @param {any[]} made */
function found({ capture }, made) {
  return brief(findings({ capture, reports: made, controls, started: start }));
}

const six = /** @type {[number, number][]} */ ([1, 2, 3, 4, 5, 6].map((connection) => [connection, 10]));

test("the seventh stream waits for a place, and so does a POST", () => {
  const recording = streams([...six, [1, 2020]]);
  recording.request(2, 2030, "POST /play/six/send").response(2, 2031, 204);
  assert.deepEqual(found(recording, asked(7, [510, "request", { address: address("/play/six/send") }])), [
    ["sse", "gap", "waited", 5, 2020, { tabs: "7", ms: 2015 }],
    ["sse", "note", "places", 11, { streams: 6, connections: 6 }],
    ["sse", "cut", "save_waited", 2030, { ms: 1520 }],
  ]);
});

test("what comes as slowly as those before it has not waited", () => {
  const slow = /** @type {[number, number][]} */ ([[1, 200], [2, 900], [3, 1600], [4, 2300], [5, 3000]]);
  assert.deepEqual(found(streams(slow), asked(5)), [["sse", "good", "streams", 3001, { streams: 3, connections: 5 }]]);
  const catching = /** @type {[number, number][]} */ ([[1, 400], [2, 600], [3, 2300], [4, 2310], [5, 2310], [6, 2320], [7, 2450]]);
  assert.deepEqual(found(streams(catching), asked(7)).map(([, , word]) => word), ["streams"]);
  assert.deepEqual(found(streams(slow.slice(0, 1)), asked(1)), []);
});

test("a POST that comes late though there was a connection for it has not waited", () => {
  const recording = streams(six.slice(1));
  recording.request(7, 2130, "POST /play/six/send").response(7, 2131, 204);
  assert.deepEqual(found(recording, asked(5, [1800, "request", { address: address("/play/six/send") }])), [
    ["sse", "good", "streams", 11, { streams: 5, connections: 5 }],
    ["sse", "good", "saved", 1800, { ms: 331 }],
  ]);
});

test("more of them come in waves", () => {
  const again = /** @type {[number, number][]} */ ([1, 2, 3, 4, 5, 6].map((connection) => [connection, 2020 + connection]));
  const waited = found(streams([...six, ...again, [1, 4050]]), asked(13)).filter(([, , word]) => word === "waited");
  assert.deepEqual(waited, [
    ["sse", "gap", "waited", 5, 2021, { tabs: "7–12", ms: 2016 }],
    ["sse", "cut", "waited", 4050, { tabs: "13", ms: 4045 }],
  ]);
});

test("what is not at the server yet is waiting", () => {
  const recording = streams(six);
  assert.deepEqual(found(recording, asked(8, [510, "request", { address: address("/play/six/send") }])), [
    ["sse", "gap", "waiting", 5, 2010, { tabs: "7–8" }],
    ["sse", "note", "places", 11, { streams: 6, connections: 6 }],
    ["sse", "cut", "save_waiting", 510, {}],
  ]);
});

test("with a connection left, a POST is answered at once", () => {
  const recording = streams(six.slice(1));
  recording.request(1, 515, "POST /play/six/send").response(1, 517, 204);
  const tabs = reports("sse", [1, 2, 3, 4, 5].map((tab) => [5, "request", { address: address(`/play/six/sse?topics=tab-${tab}`) }]));
  const post = reports("sse", [[510, "request", { address: address("/play/six/send") }]]);
  assert.deepEqual(found(recording, [...tabs, ...post]), [
    ["sse", "good", "streams", 11, { streams: 5, connections: 5 }],
    ["sse", "good", "saved", 510, { ms: 7 }],
  ]);
});

/**
 * Streams in one HTTP/2 connection, with when each is at the server; each is
 * open for two seconds. The last is a POST, which is answered at once.
 * @param {number[]} came
 */
function multiplexed(...came) {
  const recording = new Recording();
  recording.capture.apply({ connections: [{ number: 1, protocol: "h2", streams: came.map((_, i) => 2 * i + 1) }] });
  const frames = came.flatMap((ms, i) => {
    const isPost = i === came.length - 1;
    const path = isPost ? "/play/six/send" : `/play/six/sse?topics=tab-${i + 1}`;
    const frame = (/** @type {string} */ from, /** @type {string} */ kind, /** @type {number} */ after, /** @type {object} */ more) => ({
      ...{ connection: 1, offset: 0, length: 9, protocol: "http2", stream: 2 * i + 1, exchange: i + 1, fields: [] },
      ...{ from, kind, at: new Date(start + ms + after).toISOString(), ...more },
    });
    return [
      frame("client", "request", 0, { headers: [{ name: ":method", value: isPost ? "POST" : "GET" }, { name: ":path", value: path }] }),
      frame("server", "response", 1, { headers: [{ name: ":status", value: "200" }, { name: "content-type", value: isPost ? "text/plain" : "text/event-stream" }] }),
      frame("server", "data", isPost ? 1 : 2000, { ends: "complete" }),
    ];
  });
  recording.capture.apply({ frames });
  return recording;
}

const save = /** @type {[number, string, object]} */ ([510, "request", { address: address("/play/six/send") }]);

test("over HTTP/2 the streams share a connection", () => {
  const recording = multiplexed(10, 20, 515);
  assert.deepEqual(found(recording, asked(2, save)), [
    ["sse", "good", "multiplexed", 21, { streams: 2, connections: 1 }],
    ["sse", "good", "saved", 510, { ms: 6 }],
  ]);
  const { sse } = lanes({ capture: recording.capture, reports: asked(2), controls, started: start });
  assert.deepEqual(
    sse.map(({ tab, connection, stream }) => [tab, connection, stream]),
    [[1, 1, 1], [2, 1, 3]],
  );
});

test("over HTTP/2 nothing waits for a connection, however late it comes", () => {
  const recording = multiplexed(10, 2050, 2100); // a busy machine
  assert.deepEqual(found(recording, asked(2, save)), [
    ["sse", "good", "saved", 510, { ms: 1591 }],
  ]);
  assert.deepEqual(lanes({ capture: recording.capture, reports: asked(2, save), controls, started: start }).sse.map(({ queued }) => queued), [false, false, false]);
  // Nor does what is not there yet.
  assert.deepEqual(found(recording, asked(3, save)).length, 1);
});

/** Sockets that are asked for at once, with when each is at the server. @param {number[]} came */
function sockets(came) {
  const recording = new Recording();
  for (const [i, at] of came.entries()) {
    recording.request(i + 1, at, `GET /play/six/ws?topics=tab-${i + 1}`, { "http.upgrade": "websocket" }).response(i + 1, at + 1, 101);
    recording.close(i + 1, at + 2000, "server", 1000);
  }
  const made = came.map((_, i) => [5, "request", { address: `ws://here/play/six/ws?topics=tab-${i + 1}` }]);
  return { recording, made: reports("ws", /** @type {any} */ (made)) };
}

test("sockets are counted while they are open", () => {
  const { recording, made } = sockets([10, 30, 50]);
  const saved = reports("ws", [[500, "send", { data: "save" }], [502, "message", { data: '{"topic":"saved","data":""}' }]]);
  assert.deepEqual(found(recording, [...made, ...saved]), [
    ["ws", "good", "sockets", 51, { sockets: 3, connections: 3 }],
    ["ws", "good", "sent", 500, { ms: 2 }],
  ]);
});

test("a socket that is held back is no more open when the first has closed", () => {
  const { recording, made } = sockets([...Array(12).fill(10), 3000]);
  assert.deepEqual(found(recording, made), [
    ["ws", "note", "held", 3000, { sockets: 1, ms: 2995 }],
    ["ws", "good", "sockets", 3001, { sockets: 12, connections: 13 }],
  ]);
  const slow = sockets([10, 1000]); // a busy machine
  assert.deepEqual(found(slow.recording, slow.made), [["ws", "good", "sockets", 1001, { sockets: 2, connections: 2 }]]);
});

test("a picture of the streams: where each waited, and was open", () => {
  const recording = streams([...six, [7, 2020]]);
  const { sse } = lanes({ capture: recording.capture, reports: asked(8), controls, started: start });
  const brief = sse.map(({ tab, asked, queued, there = NaN, ended = NaN, connection }) => [tab, asked - start, queued, there - start, ended - start, connection]);
  assert.deepEqual(brief.slice(5), [
    [6, 5, false, 10, 2010, 6],
    [7, 5, true, 2020, 4020, 7],
    [8, 5, true, NaN, NaN, undefined],
  ]);
});

test("a run from a terminal asks for nothing here", () => {
  assert.deepEqual(found(streams(six), []), []);
});

test("what is chosen is in one bar: its request, or what came of it", () => {
  const { capture } = streams([...six, [1, 2020]]);
  const all = lanes({ capture, reports: asked(7), controls, started: start });
  const at = (/** @type {number} */ ms, /** @type {object} */ place) => laneAt(all, /** @type {any} */ ({ side: "sse", at: start + ms, ...place }))?.tab;
  assert.ok(all.sse.every(({ place }) => place !== undefined));
  assert.equal(at(10, { connection: 3, from: "client", offset: all.sse[2].place?.offset }), 3);
  // Tabs 1 and 7 have one connection, one after the other.
  assert.equal(at(1500, { connection: 1, from: "server", offset: 900 }), 1);
  assert.equal(at(2500, { connection: 1, from: "server", offset: 1900 }), 7);
  assert.equal(laneAt(all, undefined), undefined);
});
