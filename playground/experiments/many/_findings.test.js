// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { findings } from "./findings.js";
import { waveOf } from "./wave.js";
import { brief, Recording, reports, start } from "../../../static/js/_testing/recording.js";

/** A sample, 200 ms after the one before it. @param {number} n @param {object} [more] */
function sample(n, more) {
  return { n, at: 200 * n, restarted: n > 2 ? 600 : 0, server: "up", connected: 21, attempts: 0, refused: 0, delivered: 20, replayed: 0, lag: 1, lost: 0, gone: 0, ...more };
}

/** A restart after the second sample, 20 clients back after the sixth. @param {object} [last] of the last two samples */
function restarted(last) {
  return [
    sample(1, { connected: 10, attempts: 10 }),
    sample(2),
    sample(3, { server: "down", connected: 0 }),
    sample(4, { connected: 0, attempts: 21, refused: 15 }),
    sample(5, { connected: 6, replayed: 12 }),
    sample(6, { attempts: 15, ...last }),
    sample(7, last),
  ];
}

/** The samples as a page gets them: those of the time away come with the fifth. @param {"sse"|"ws"} side @param {any[]} samples */
function got(side, samples) {
  const away = (/** @type {number} */ n) => n === 3 || n === 4;
  return reports(
    side,
    samples.map((s) => [50 + (away(s.n) ? 1000 : s.at), "message", { data: JSON.stringify(s) }]),
  );
}

/** The visitor's own connection over SSE: cut, and back. */
function away() {
  const recording = new Recording();
  recording.request(1, 50, "GET /play/many/sse").response(1, 51, 200, "text/event-stream");
  recording.event(1, 250, "1", { id: "1" }).event(1, 450, "2", { id: "2" }).end(1, 650, "server", "reset");
  recording.request(2, 700, "GET /play/many/sse", { "http.last_event_id": "2" }).end(2, 701, "server", "reset");
  recording.request(3, 1049, "GET /play/many/sse", { "http.last_event_id": "2" }).response(3, 1050, 200, "text/event-stream");
  for (const [at, id] of [[1050, 3], [1050, 4], [1051, 5], [1250, 6], [1450, 7]]) recording.event(3, at, `${id}`, { id: `${id}` });
  return recording.capture;
}

/** @param {object} run */
function found(run) {
  return brief(findings({ capture: new Recording().capture, reports: [], controls: {}, started: start, .../** @type {any} */ (run) }));
}

test("a wave: what came when, on the run's own clock", () => {
  const wave = waveOf(got("sse", restarted()), "sse");
  assert.equal(wave.began, start + 50);
  assert.equal(wave.restart, 600);
  assert.equal(wave.clients, 21);
  assert.deepEqual([wave.attempts, wave.refused, wave.replayed], [36, 15, 12]);
  assert.deepEqual([wave.peak?.n, wave.back?.n], [4, 6]);
});

test("a sample that came twice counts once, and what is none does not count", () => {
  const list = got("ws", [...restarted(), ...restarted()]);
  Object.assign(list[0], { data: "not JSON" });
  Object.assign(list[1], { data: '{"n":"1"}' });
  const wave = waveOf([...list, ...reports("ws", [[1, "message", { data: { bytes: 4 } }]])], "ws");
  assert.deepEqual([wave.samples.length, wave.attempts], [7, 36]);
  assert.equal(waveOf(list, "sse").restart, undefined);
});

test("a crash, the fullest moment, and all are back", () => {
  assert.deepEqual(found({ reports: got("ws", restarted()) }), [
    ["ws", "cut", "crash", 650, { clients: 21 }],
    ["ws", "note", "peak", 650, { attempts: 21, refused: 15, ms: 200 }],
    ["ws", "good", "back", 1250, { seconds: "0.6", attempts: 36, clients: 21 }],
  ]);
});

test("a sample that a slow machine takes late is about more time", () => {
  const samples = restarted().map((s) => (s.n < 4 ? s : { ...s, at: s.at + 100 }));
  assert.deepEqual(found({ reports: got("ws", samples) })[1], ["ws", "note", "peak", 650, { attempts: 21, refused: 15, ms: 300 }]);
});

test("a server that hands over", () => {
  const samples = restarted().map((s) => ({ ...s, refused: 0, server: s.server === "down" ? "draining" : s.server }));
  assert.deepEqual(found({ reports: got("ws", samples), controls: { restart: "drain" } }).slice(0, 2), [
    ["ws", "note", "drain", 650, { clients: 21 }],
    ["ws", "note", "peak_taken", 650, { attempts: 21, refused: 0, ms: 200 }],
  ]);
});

test("some will never be back, some are not back yet, and some have lost messages", () => {
  const gone = found({ reports: got("sse", restarted({ connected: 13, gone: 8 })) });
  assert.deepEqual(gone.slice(2), [
    ["sse", "cut", "gone", 1250, { clients: 8 }],
    ["sse", "note", "back_rest", 1250, { seconds: "0.6", attempts: 36, clients: 13 }],
  ]);
  const out = found({ reports: got("sse", [...restarted({ connected: 13 }), sample(9, { connected: 13, lost: 30 })]) });
  assert.deepEqual(out.slice(2), [
    ["sse", "cut", "lost", 1850, { messages: 30 }],
    ["sse", "gap", "out", 1850, { clients: 8, seconds: "1.2" }],
  ]);
});

test("the visitor's own connection is away, and gets what it has missed", () => {
  assert.deepEqual(found({ capture: away() }), [
    ["sse", "gap", "away_refused", 650, 1050, { ms: 400, attempts: 2 }],
    ["sse", "good", "replay", 1050, { id: "2", messages: 3 }],
  ]);
  assert.deepEqual(found({ capture: away(), controls: { crowd: "own" } }), []);
});

test("over a WebSocket the number is in the address", () => {
  const recording = new Recording();
  recording.request(1, 0, "GET /play/many/ws", { "http.upgrade": "websocket" }).response(1, 1, 101).text(1, 200, "server", "1");
  recording.close(1, 400, "server", 1012).close(1, 401, "client", 1012);
  recording.request(2, 900, "GET /play/many/ws?from=1", { "http.upgrade": "websocket" }).response(2, 901, 101);
  recording.text(2, 902, "server", "2").text(2, 902, "server", "3").text(2, 1100, "server", "4");
  assert.deepEqual(found({ capture: recording.capture }), [
    ["ws", "gap", "away", 400, 901, { ms: 501, attempts: 1 }],
    ["ws", "good", "replay_from", 901, { id: "1", messages: 2 }],
  ]);
});

test("the visitor's own EventSource was turned away with a 503", () => {
  const recording = new Recording();
  recording.request(1, 50, "GET /play/many/sse").response(1, 51, 200, "text/event-stream").event(1, 250, "1").end(1, 650, "server", "reset");
  recording.request(2, 700, "GET /play/many/sse").response(2, 701, 503, "text/plain");
  assert.deepEqual(found({ capture: recording.capture, controls: { full: "503" } }), [["sse", "gap", "own_503", 701, 701, {}]]);
});

test("nothing has happened yet", () => {
  assert.deepEqual(found({}), []);
  assert.deepEqual(found({ reports: got("sse", [sample(1)]) }), []);
});
