// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { findings } from "./findings.js";
import { brief, Recording, start } from "../../../static/js/_testing/recording.js";

const line = (/** @type {number} */ n) => `{"line":${n},"of":3,"text":"package ${n}: ok"}`;

/** A WebSocket that is reset after line 1, silent after line 2, and then has the rest. */
function broken() {
  const recording = new Recording();
  const upgrade = { "http.upgrade": "websocket" };
  recording.request(1, 0, "GET /play/choose/ws", upgrade).response(1, 1, 101);
  recording.text(1, 10, "server", line(1)).end(1, 20, "server", "reset");
  recording.request(2, 50, "GET /play/choose/ws?from=1", upgrade).response(2, 51, 101);
  recording.text(2, 60, "server", line(2)).close(2, 960, "client", 1005).close(2, 961, "server", 1005);
  recording.request(3, 1000, "GET /play/choose/ws?from=2", upgrade).response(3, 1001, 101);
  recording.text(3, 1005, "server", `{"beat":true}`).text(3, 1010, "server", line(3));
  return recording;
}

test("each break with the time until the client was back, and what a line took", () => {
  const reports = [{ side: "ws", kind: "message", at: start + 1011 }];
  const run = { capture: broken().capture, reports, controls: { lines: 3, beat: 300 }, started: start };
  assert.deepEqual(brief(findings(/** @type {any} */ (run))), [
    ["ws", "gap", "reset", 20, 50, { ms: 30, from: 1 }],
    ["ws", "gap", "silence", 60, 1000, { ms: 900, from: 2 }],
    ["ws", "good", "complete", 1011, { lines: 3, twice: 0, connections: 3, bytes: line(1).length + 2 }],
  ]);
});

test("an event stream's lines are counted with their chunks, and its beats are not lines", () => {
  const recording = new Recording();
  recording.request(1, 0, "GET /play/choose/sse").response(1, 1, 200, "text/event-stream");
  recording.event(1, 5, "", { type: "beat", length: 21 }).event(1, 10, line(1), { id: "1", length: 70 });
  const reports = [{ side: "sse", kind: "message", at: start + 11 }];
  const run = { capture: recording.capture, reports, controls: { lines: 1, beat: 300 }, started: start };
  assert.deepEqual(brief(findings(/** @type {any} */ (run))), [
    ["sse", "good", "complete", 11, { lines: 1, twice: 0, connections: 1, bytes: 70 }],
  ]);
});

test("of chunks that came in the same moment, a line has its own", () => {
  const recording = new Recording();
  recording.request(1, 0, "GET /play/choose/sse").response(1, 1, 200, "text/event-stream");
  recording.event(1, 10, line(1), { id: "1", length: 70 }).event(1, 10, "", { type: "beat", length: 21 });
  const reports = [{ side: "sse", kind: "message", at: start + 11 }];
  const run = { capture: recording.capture, reports, controls: { lines: 1, beat: 300 }, started: start };
  assert.equal(findings(/** @type {any} */ (run))[0].args.bytes, 70);
});
