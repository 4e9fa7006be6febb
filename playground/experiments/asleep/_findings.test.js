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
  return brief(findings({ capture: recording.capture, reports: list, controls: { away: kind }, started: start }));
}

test("what came while no code ran waits in the browser", () => {
  const recording = new Recording().stream(1, 0, "/play/asleep/sse?from=0");
  for (const at of [500, 1500, 2500, 3500, 4500]) recording.event(1, at, String(at));
  const told = /** @type {Said[]} */ ([[4002, "message", { data: "2500" }], [4003, "message", { data: "3500" }]]);
  assert.deepEqual(found(recording, [...away(true), ...told], []), [
    ["sse", "gap", "frozen", 2000, 4000, { ms: 2000, numbers: 2 }],
    ["sse", "good", "at_once", 4002, { numbers: 2, late: 1502 }],
  ]);
});

test("a page that is only hidden misses nothing", () => {
  const recording = new Recording().socket(1, 0, "/play/asleep/ws?from=0").text(1, 1500, "server", "3").text(1, 2500, "server", "4");
  assert.deepEqual(found(recording, [], away(false), "hidden"), [["ws", "note", "hidden", 1000, 4000, { ms: 3000, numbers: 2 }]]);
});

test("what was closed is opened again, after the last number", () => {
  const recording = new Recording()
    .socket(1, 0, "/play/asleep/ws?from=0").text(1, 500, "server", "1").close(1, 1003, "client", 1005)
    .socket(2, 4010, "/play/asleep/ws?from=1").text(2, 4012, "server", "2").text(2, 4013, "server", "3").text(2, 4900, "server", "4");
  assert.deepEqual(found(recording, [], away(true)), [
    ["ws", "gap", "closed", 1000, 4000, { ms: 3000 }],
    ["ws", "good", "made_up", 4010, { ms: 10, after: 1, numbers: 2 }],
  ]);
});

test("a lost connection seems open, and only one side comes back by itself", () => {
  const recording = new Recording()
    .stream(1, 0, "/play/asleep/sse?from=0").event(1, 500, "1").end(1, 7000, "server", "reset")
    .request(2, 8000, "GET /play/asleep/sse?from=0", { "http.last_event_id": "1" }).response(2, 8001, 200, "text/event-stream").event(2, 8002, "2")
    .socket(3, 0, "/play/asleep/ws?from=0").text(3, 500, "server", "1").end(3, 7000, "server", "reset");
  assert.deepEqual(found(recording, away(true), away(true), "locked"), [
    ["sse", "gap", "lost", 2000, 4000, { ms: 2000, numbers: 0 }],
    ["ws", "gap", "lost", 2000, 4000, { ms: 2000, numbers: 0 }],
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
