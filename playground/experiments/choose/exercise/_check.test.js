// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { check } from "./check.js";
import { failed, Recording, reports, start } from "../../../../static/js/_testing/recording.js";

const controls = { lines: 4, beat: 300 };
const line = (/** @type {number} */ n) => `{"line":${n},"of":4,"text":"package ${n}: ok"}`;

/** Reset after line 1, silent after line 2 until the client leaves, and then the rest. @param {(string | number)[]} froms */
function broken(...froms) {
  const [first, second] = froms.length > 0 ? froms.map((from) => (from === "" ? "" : `?from=${from}`)) : ["?from=1", "?from=2"];
  const recording = new Recording();
  recording.socket(1, 0, "/play/choose/ws").text(1, 10, "server", line(1)).end(1, 20, "server", "reset");
  recording.socket(2, 50, `/play/choose/ws${first}`).text(2, 60, "server", line(2));
  recording.close(2, 960, "client", 1005).close(2, 961, "server", 1005);
  recording.socket(3, 1000, `/play/choose/ws${second}`).text(3, 1005, "server", '{"beat":true}');
  return recording.text(3, 1010, "server", line(3)).text(3, 1020, "server", line(4)).close(3, 1030, "server", 1000);
}

/** @param {Recording} recording @param {[number, unknown][]} list @param {number} [until] */
function judged({ capture }, list, until) {
  return check({ capture, reports: reports("ws", list.map(([at, value]) => [at, "report", { value }])), controls, ...(until && { until: start + until }) });
}

/** @type {[number, unknown][]} */
const right = [[11, 1], [61, 2], [1011, 3], [1021, 4]];

test("every line once, over a reset and a silence", () => {
  assert.deepEqual(failed(judged(broken(), right)), []);
  assert.deepEqual(failed(judged(broken(), right.map(([at, value]) => [at, String(value)]))), []);
  assert.deepEqual(failed(judged(broken(), right.map(([at, value]) => [at, { line: value, of: 4 }]))), []);
});

test("all of them made up at the start, and then coming back in silence", () => {
  assert.deepEqual(failed(judged(broken(), right.map(([, value]) => [1, value]))), ["missing", "!early"]);
});

test("one lost, twice, or out of order", () => {
  assert.deepEqual(failed(judged(broken(), right.toSpliced(1, 1))), ["missing"]);
  assert.deepEqual(failed(judged(broken(), right.flatMap((report) => [report, report]))), ["!order"]);
  assert.deepEqual(failed(judged(broken(), [[61, 2], [62, 1], ...right.slice(2)])), ["!order"]);
});

test("without from, or with one that has not come", () => {
  for (const froms of [["", ""], [1, 1], [5, 2], ["x", 2]]) {
    assert.ok(failed(judged(broken(...froms), right)).includes("!lost"), String(froms));
  }
});

test("it comes back after the last line", () => {
  assert.deepEqual(failed(judged(broken().socket(4, 1300, "/play/choose/ws?from=4"), right)), ["!after"]);
});

test("it never came back", () => {
  const stayed = new Recording().socket(1, 0, "/play/choose/ws").text(1, 10, "server", line(1)).end(1, 20, "server", "reset");
  const verdict = judged(stayed, [[11, 1]]);
  assert.deepEqual([failed(verdict), verdict.hint], [["reset", "silence", "missing"], 1]);
});

test("without a watchdog it is known after a while, and still at the end", () => {
  const silent = new Recording().socket(1, 0, "/play/choose/ws").text(1, 10, "server", line(1)).end(1, 20, "server", "reset");
  silent.socket(2, 50, "/play/choose/ws?from=1").text(2, 60, "server", line(2));
  assert.deepEqual(failed(judged(silent, right.slice(0, 2), 4000)), ["silence", "missing"]);
  const verdict = judged(silent, right.slice(0, 2), 5100);
  assert.deepEqual(failed(verdict), ["!endured", "missing"]);
  assert.equal(verdict.checks[1].place?.connection, 2);
  silent.close(2, 5200, "client", 1001).close(2, 5201, "server", 1001);
  assert.deepEqual(failed(judged(silent, right.slice(0, 2))), ["!endured", "missing"]);
});

test("lines of an event stream", () => {
  assert.deepEqual(failed(judged(broken().stream(9, 5, "/play/choose/sse"), right)), ["!only_ws"]);
});
