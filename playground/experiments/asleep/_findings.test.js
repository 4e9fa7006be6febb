// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { findings } from "./findings.js";
import { brief, Recording, reports, start } from "../../../static/js/_testing/recording.js";

/** @typedef {[number, string, object?]} Said */

/** The page is away from 1000 to 4000. @type {(frozen: boolean) => Said[]} */
const away = (frozen) => [
  [1000, "page", { type: "visibilitychange", hidden: true }],
  ...(frozen ? /** @type {Said[]} */ ([[2000, "page", { type: "freeze", hidden: true }], [4000, "page", { type: "resume", hidden: true }]]) : []),
  [4000, "page", { type: "visibilitychange", hidden: false }],
];

/** @param {Recording} recording @param {Said[]} sse @param {Said[]} ws @param {string} [kind] */
function found(recording, sse, ws, kind = "frozen") {
  const list = [...reports("sse", sse), ...reports("ws", ws)];
  return brief(findings({ capture: recording.capture, reports: list, controls: { away: kind, every: 1300 }, started: start }));
}

test("what came while no code ran waits in the browser", () => {
  const recording = new Recording().stream(1, 0, "/play/asleep/sse?from=0");
  for (const at of [500, 1500, 2500, 3500, 4500]) recording.event(1, at, String(at));
  const told = /** @type {Said[]} */ ([[4002, "message", { data: "2500" }], [4003, "message", { data: "3500" }]]);
  assert.deepEqual(found(recording, [...away(true), ...told], []), [
    ["sse", "gap", "frozen", 2000, 4000, { ms: 2000, numbers: 2, late: 1502 }],
    ["sse", "good", "at_once", 4002, { numbers: 2, late: 1502 }],
  ]);
});

test("a page that is only hidden misses nothing", () => {
  const recording = new Recording().socket(1, 0, "/play/asleep/ws?from=0").text(1, 1500, "server", "3").text(1, 2500, "server", "4");
  assert.deepEqual(found(recording, [], away(false), "hidden"), [["ws", "note", "hidden", 1000, 4000, { ms: 3000, numbers: 2, late: 0 }]]);
});

test("what was closed is opened again, after the last number", () => {
  const recording = new Recording()
    .socket(1, 0, "/play/asleep/ws?from=0").text(1, 500, "server", "1").close(1, 1003, "client", 1005)
    .socket(2, 4010, "/play/asleep/ws?from=1").text(2, 4012, "server", "2").text(2, 4013, "server", "3").text(2, 4900, "server", "4");
  assert.deepEqual(found(recording, [], away(true)), [
    ["ws", "gap", "closed", 1003, 4000, { ms: 2997 }],
    ["ws", "good", "made_up", 4010, { ms: 10, after: 1, numbers: 2 }],
  ]);
});

test("a lost connection seems open, and only one side comes back by itself", () => {
  const recording = new Recording()
    .stream(1, 0, "/play/asleep/sse?from=0").event(1, 500, "1").end(1, 7000, "server", "reset")
    .request(2, 8000, "GET /play/asleep/sse?from=0", { "http.last_event_id": "1" }).response(2, 8001, 200, "text/event-stream").event(2, 8002, "2")
    .socket(3, 0, "/play/asleep/ws?from=0").text(3, 500, "server", "1").end(3, 7000, "server", "reset");
  assert.deepEqual(found(recording, away(true), away(true), "locked"), [
    ["sse", "gap", "lost", 2000, 4000, { ms: 2000, numbers: 0, late: 0 }],
    ["ws", "gap", "lost", 2000, 4000, { ms: 2000, numbers: 0, late: 0 }],
    ["sse", "gap", "dead", 4000, 7000, { ms: 3000 }],
    ["ws", "gap", "dead", 4000, 7000, { ms: 3000 }],
    ["ws", "cut", "nobody", 7000, {}],
    ["sse", "good", "made_up", 8000, { ms: 4000, after: 1, numbers: 1 }],
  ]);
});

test("the last request of an EventSource, which gets 204, makes up nothing", () => {
  const recording = new Recording().stream(1, 0, "/play/asleep/sse?from=0").event(1, 2500, "1").lastChunk(1, 4100)
    .request(2, 5100, "GET /play/asleep/sse?from=0", { "http.last_event_id": "1" }).response(2, 5101, 204);
  assert.deepEqual(found(recording, [...away(true), [4001, "message", { data: "1" }]], []).map(([, , word]) => word), ["frozen", "at_once"]);
});

test("nothing of a page that was not left", () => {
  assert.deepEqual(found(new Recording().stream(1, 0, "/play/asleep/sse").event(1, 5, "1"), [], []), []);
});

test("on a slow machine: a connection that its program closes late was not lost", () => {
  const late = new Recording().socket(1, 0, "/play/asleep/ws").text(1, 500, "server", "1").close(1, 2100, "client", 1005).close(1, 2101, "server", 1005);
  assert.deepEqual(found(late, [], away(true)), [["ws", "gap", "closed", 2100, 4000, { ms: 1900 }]]);
  const held = new Recording().socket(1, 0, "/play/asleep/ws").text(1, 1500, "server", "2");
  assert.deepEqual(found(held, [], [...away(false), [2700, "message", { data: "2" }]], "hidden"), [["ws", "note", "hidden_late", 1000, 4000, { ms: 3000, numbers: 1, late: 1200 }]]);
});

test("numbers so far apart that none is due while the page is away", () => {
  const recording = new Recording().socket(1, 0, "/play/asleep/ws").text(1, 5, "server", "1");
  assert.deepEqual(found(recording, [], away(true)), [["ws", "gap", "frozen_quiet", 2000, 4000, { ms: 2000, numbers: 0, late: 0 }]]);
  assert.deepEqual(found(recording, [], away(false), "hidden"), [["ws", "note", "hidden_quiet", 1000, 4000, { ms: 3000, numbers: 0, late: 0 }]]);
});

test("a number that was on its way when the phone was locked", () => {
  const recording = new Recording().socket(1, 0, "/play/asleep/ws").text(1, 2005, "server", "2").end(1, 7000, "server", "reset");
  assert.deepEqual(found(recording, [], away(true), "locked").map(([, , word]) => word), ["lost_after", "dead", "nobody"]);
});

test("a run that is stopped while the page is away, or before the lost connection is reset", () => {
  const hidden = away(true).slice(0, 1);
  const soon = new Recording().socket(1, 0, "/play/asleep/ws").end(1, 1300, "client", "fin");
  assert.deepEqual(found(soon, [], hidden), []);
  const later = new Recording().socket(1, 0, "/play/asleep/ws").text(1, 1500, "server", "2").text(1, 2400, "server", "3").end(1, 2500, "client", "fin");
  assert.deepEqual(found(later, [], hidden, "hidden"), [["ws", "note", "hidden", 1000, 2500, { ms: 1500, numbers: 2, late: 0 }]]);
  const dead = new Recording().socket(1, 0, "/play/asleep/ws").end(1, 5000, "client", "fin");
  assert.deepEqual(found(dead, [], away(true), "locked").map(([, , word]) => word), ["lost", "dead"]);
});

test("back without a number, and back with nothing missed", () => {
  const first = () => new Recording().socket(1, 0, "/play/asleep/ws").text(1, 500, "server", "1").close(1, 1003, "client", 1005).close(1, 1004, "server", 1005);
  const anew = first().socket(2, 4010, "/play/asleep/ws").text(2, 4012, "server", "1");
  assert.deepEqual(found(anew, [], away(true)).at(-1), ["ws", "note", "anew", 4010, { ms: 10 }]);
  const none = new Recording().socket(1, 0, "/play/asleep/ws").text(1, 10, "server", "1").text(1, 1310, "server", "2").text(1, 2610, "server", "3").text(1, 3910, "server", "4")
    .socket(2, 4010, "/play/asleep/ws?from=4").text(2, 5210, "server", "5");
  assert.deepEqual(found(none, [], away(false), "hidden").at(-1), ["ws", "good", "missed_none", 4010, { ms: 10, after: 4, numbers: 0 }]);
});

test("a page that was to be left, and was not", () => {
  const recording = new Recording().socket(1, 0, "/play/asleep/ws").text(1, 500, "server", "1");
  const run = { capture: recording.capture, reports: [], controls: { away: "you", every: 500 }, started: start };
  assert.deepEqual(findings(run), []);
  assert.deepEqual(brief(findings({ ...run, ended: start + 900 })).map(([side, , word]) => [side, word]), [["sse", "stayed"], ["ws", "stayed"]]);
});
