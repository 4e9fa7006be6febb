// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { findings } from "./findings.js";
import { brief, Recording, reports, start } from "../../../static/js/_testing/recording.js";

const controls = { then: "dead", after: 2, pause: 5000, heartbeat: "none", interval: 1000, patience: 3000, moments: "fixed" };

/** @param {Recording} recording @param {any[]} list reports @param {object} more controls */
function found(recording, list, more) {
  const made = findings({ capture: recording.capture, reports: list, controls: { ...controls, ...more }, started: start });
  return brief(made);
}

/** A stream with numbers at these times. @param {number[]} numbers */
function stream(...numbers) {
  const recording = new Recording();
  recording.request(1, 0, "GET /play/silence/sse").response(1, 1, 200, "text/event-stream");
  return more(recording, numbers);
}

/** @param {Recording} recording @param {number[]} numbers */
function more(recording, numbers) {
  for (const at of numbers) recording.event(1, at, String(at));
  return recording;
}

/** A socket with numbers at these times. @param {number[]} numbers */
function socket(...numbers) {
  const recording = new Recording();
  recording.request(1, 0, "GET /play/silence/ws", { "http.upgrade": "websocket" }).response(1, 1, 101);
  for (const at of numbers) recording.text(1, at, "server", String(at));
  return recording;
}

/** @param {"sse"|"ws"} side @param {number} at */
const alarm = (side, at) => reports(side, [[at, "report", { value: "alarm" }]]);

test("on a dead line an alarm is right, by luck or for a reason", () => {
  for (const [heartbeat, kind, word] of [["none", "note", "lucky"], ["protocol", "note", "lucky"], ["message", "good", "right"]]) {
    assert.deepEqual(found(stream(10, 510), alarm("sse", 3514), { heartbeat }), [
      ["sse", "gap", "dead", 510, 3514, { ms: 3004 }],
      ["sse", kind, word, 3514, { ms: 3004 }],
    ]);
  }
});

test("while nobody has noticed, the silence goes on", () => {
  const list = reports("sse", [[2000, "log", {}]]);
  assert.deepEqual(found(stream(10, 510), list, {}), [["sse", "gap", "dead", 510, 2000, { ms: 1490 }]]);
});

test("pings that nobody answers, and a close frame that nobody answers", () => {
  const recording = socket(10, 510).text(1, 1000, "client", "ping");
  recording.text(1, 1001, "server", "pong");
  recording.text(1, 2000, "client", "ping").text(1, 3000, "client", "ping").close(1, 4002, "client", 1005);
  const list = [
    ...reports("ws", [[1000, "send", { data: "ping" }], [2000, "send", { data: "ping" }], [3000, "send", { data: "ping" }]]),
    ...alarm("ws", 4001),
  ];
  assert.deepEqual(found(recording, list, { heartbeat: "message" }), [
    ["ws", "gap", "dead", 1001, 4001, { ms: 3000 }],
    ["ws", "note", "unanswered", 2000, { pings: 2 }],
    ["ws", "good", "right", 4001, { ms: 3000 }],
    ["ws", "note", "unheard", 4002, {}],
  ]);
});

test("a quiet line, and code that sees no heartbeat", () => {
  const recording = stream(10, 510);
  for (const at of [1000, 2000, 3000]) recording.frame(1, "server", at, "sse", "comment", 14, {});
  assert.deepEqual(found(recording, alarm("sse", 3512), { then: "quiet", heartbeat: "protocol" }), [
    ["sse", "note", "comments", 1000, { heartbeats: 3, pongs: 0 }],
    ["sse", "cut", "false_alarm", 3512, { ms: 3002, heard: 0, unheard: 3 }],
  ]);
});

test("code that reads bytes sees comments", () => {
  const recording = stream(10, 510);
  for (const at of [1000, 2000, 3000]) recording.frame(1, "server", at, "sse", "comment", 14, {});
  more(recording, [3900]);
  const list = reports("sse", [[12, "read", { bytes: 20 }]]);
  assert.deepEqual(found(recording, list, { then: "quiet", heartbeat: "protocol" }), [
    ["sse", "good", "quiet", 510, { ms: 3390, heard: 3, unheard: 3 }],
    ["sse", "note", "read", 1000, { heartbeats: 3, pongs: 0 }],
  ]);
});

test("a quiet line with heartbeats that code sees", () => {
  const recording = stream(10, 510);
  for (const at of [1000, 2000, 3000]) recording.event(1, at, "still here", { type: "heartbeat" });
  more(recording, [3900]);
  assert.deepEqual(found(recording, [], { then: "quiet", heartbeat: "message" }), [
    ["sse", "good", "quiet", 510, { ms: 3390, heard: 3, unheard: 0 }],
  ]);
});

test("ping frames are answered by the browser", () => {
  const recording = socket(10, 510);
  for (const at of [1000, 2000]) {
    recording.frame(1, "server", at, "websocket", "ping", 3, {}).frame(1, "client", at + 1, "websocket", "pong", 7, {});
  }
  assert.deepEqual(found(recording, alarm("ws", 3510), { then: "quiet", heartbeat: "protocol" }), [
    ["ws", "note", "pongs", 1000, { heartbeats: 2, pongs: 2 }],
    ["ws", "cut", "false_alarm", 3510, { ms: 3000, heard: 0, unheard: 2 }],
  ]);
});

test("a slow line, in time and too late", () => {
  assert.deepEqual(found(stream(10, 510, 2510, 2511, 2512), [], { then: "slow" }), [
    ["sse", "gap", "slow", 510, 2510, { ms: 2000, patience: 3000 }],
  ]);
  assert.deepEqual(found(stream(10, 510), alarm("sse", 3510), { then: "slow" }), [
    ["sse", "gap", "too_slow", 510, 3510, { ms: 3000, patience: 3000 }],
  ]);
});

test("a run that was stopped before the silence shows none", () => {
  const list = reports("sse", [[400, "log", {}]]);
  assert.deepEqual(found(stream(10), list, {}), []);
  assert.deepEqual(found(stream(10, 510), list, { after: 0 }), []);
  assert.deepEqual(found(stream(10), list, { then: "slow" }), []);
  assert.deepEqual(found(stream(10, 510), list, { then: "slow" }), [], "nothing has come after it yet");
});

test("a program that waits longer than the control says is not praised for its patience", () => {
  assert.deepEqual(found(stream(10, 510, 5510), [], { then: "slow" }), []);
});

test("a server that asks says that it noticed", () => {
  const recording = socket(10, 510);
  recording.capture.apply({ log: [{ at: new Date(start + 5000).toISOString(), path: "/play/silence/ws", event: "ping-unanswered", text: "ping after number 3 not answered for 3s: gone" }] });
  assert.deepEqual(found(recording, alarm("ws", 3510), { heartbeat: "protocol" }).at(-1), ["ws", "good", "server", 5000, { patience: 3000 }]);
});

test("what the code gets of an end", () => {
  const ended = stream(10, 510).lastChunk(1, 1010);
  assert.deepEqual(found(ended, reports("sse", [[1011, "error", { readyState: 0 }]]), { then: "end" }), [
    ["sse", "note", "sse_end", 1011, { state: 0 }],
  ]);
  const reset = socket(10, 510).end(1, 1010, "server", "reset");
  assert.deepEqual(found(reset, reports("ws", [[1011, "close", { code: 1006 }]]), { then: "reset" }), [
    ["ws", "cut", "ws_reset", 1011, { code: 1006 }],
  ]);
  const refused = new Recording().request(1, 0, "GET /play/silence/ws", { "http.upgrade": "websocket" }).response(1, 1, 500, "text/plain");
  assert.deepEqual(found(refused, reports("ws", [[3, "close", { code: 1006 }]]), { then: "refused" }), [
    ["ws", "cut", "ws_refused", 3, { code: 1006 }],
  ]);
});

test("where the server picks the moments, an alarm is only that", () => {
  assert.deepEqual(found(stream(10, 510), alarm("sse", 2710), { moments: "surprise" }), [
    ["sse", "note", "alarm", 2710, { ms: 2200 }],
  ]);
});

/** The words of findings. @param {Recording} recording @param {any[]} list @param {object} more */
const words = (recording, list, more) => found(recording, list, more).map(([, , word]) => word);

test("an alarm from before the moment is none of it", () => {
  // In a stream that goes on after it, the silence had not begun.
  for (const then of ["dead", "slow"]) assert.deepEqual(words(stream(10, 510), alarm("sse", 400), { then }), ["alarm"]);
  assert.deepEqual(words(stream(10, 510), alarm("sse", 0), { moments: "surprise" }), [], "nothing had come");
});

test("an alarm of code that has seen heartbeats is counted from the last of them", () => {
  const recording = stream(10, 510).event(1, 1000, "still here", { type: "heartbeat" });
  assert.deepEqual(found(recording, alarm("sse", 1400), { then: "quiet", heartbeat: "message" }), [
    ["sse", "cut", "false_alarm", 1400, { ms: 400, heard: 0, unheard: 0 }],
  ]);
});

test("an alarm of code that reads comments is not right by luck", () => {
  const recording = stream(10, 510);
  recording.frame(1, "server", 520, "sse", "comment", 14, {});
  const list = [...reports("sse", [[12, "read", { bytes: 20 }]]), ...alarm("sse", 3600)];
  assert.ok(words(recording, list, { heartbeat: "protocol" }).includes("right"));
});

test("a silence of which the code was told is over", () => {
  const list = reports("sse", [[900, "error", { readyState: 0 }], [2000, "log", {}]]);
  assert.deepEqual(found(stream(10, 510), list, {}), [["sse", "gap", "dead", 510, 900, { ms: 390 }]]);
});

test("pings without an answer, and a close that is told, are not what they would be with it", () => {
  const pinged = socket(10, 510).frame(1, "server", 1000, "websocket", "ping", 3, {});
  assert.deepEqual(words(pinged, [], { then: "quiet", heartbeat: "protocol" }), []);
  const closed = socket(10).close(1, 400, "client", 1005).end(1, 401, "client", "fin");
  assert.deepEqual(words(closed, reports("ws", [[401, "close", { code: 1006 }]]), { then: "quiet" }), []);
  const early = socket(10).text(1, 100, "client", "ping");
  assert.deepEqual(words(early, reports("ws", [[100, "send", { data: "ping" }]]), { heartbeat: "message" }), []);
});

test("numbers that come one by one after a wait were not held up together", () => {
  assert.deepEqual(words(stream(10, 510, 2510, 3010), [], { then: "slow" }), []);
});

test("an end that is another than the control chooses is not that one", () => {
  const error = reports("sse", [[1011, "error", { readyState: 0 }]]);
  assert.deepEqual(words(stream(10).end(1, 1010, "server", "reset"), error, { then: "end" }), []);
  assert.deepEqual(words(stream(10).lastChunk(1, 1010), error, { then: "reset" }), []);
  assert.deepEqual(words(stream(10).end(1, 1010, "server", "fin"), error, { then: "refused" }), []);
  const close = reports("ws", [[1011, "close", { code: 1006 }]]);
  assert.deepEqual(words(socket(10).end(1, 1010, "server", "reset"), close, { then: "end" }), []);
});
