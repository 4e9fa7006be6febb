// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { check } from "./check.js";
import { failed, Recording, reports } from "../../../../static/js/_testing/recording.js";

const controls = { total: 20, every: 20, work: 80 };
const price = (/** @type {number} */ n) => `{"n":${n},"price":1`;

/**
 * A run in which price n arrives at 20 n ms.
 * @param {[number, unknown][]} acts each as [ms, value that is reported]
 * @param {{connected?: boolean}} [as]
 */
function judged(acts, { connected = true } = {}) {
  const recording = new Recording();
  const numbers = connected ? Array.from({ length: controls.total }, (_, i) => i + 1) : [];
  if (connected) recording.socket(1, 0, "/play/pressure/ws");
  for (const n of numbers) recording.text(1, 20 * n - 1, "server", price(n));
  const arrived = numbers.map((n) => /** @type {[number, string, object]} */ ([20 * n, "message", { data: price(n) }]));
  const reported = acts.map(([at, value]) => /** @type {[number, string, object]} */ ([at, "report", { value }]));
  const all = [...arrived, ...reported].toSorted((a, b) => a[0] - b[0]);
  return check({ capture: recording.capture, reports: reports("ws", all), controls });
}

/** @type {[number, number][]} */
const right = [[101, 1], [182, 5], [263, 9], [344, 13], [425, 17], [506, 20]];

test("the newest each time, and the last", () => {
  assert.deepEqual(failed(judged(right)), []);
  assert.deepEqual(failed(judged(right.map(([at, n]) => [at, String(n)]))), []);
});

test("on a machine that stands still for a while it is right as well", () => {
  assert.deepEqual(failed(judged([[101, 1], [182, 5], [399, 9], [490, 19], [580, 20]])), []);
});

test("one after the other, in order", () => {
  const verdict = judged(Array.from({ length: 20 }, (_, i) => [101 + 81 * i, i + 1]));
  assert.deepEqual(failed(verdict), ["!old"]);
  assert.deepEqual(verdict.checks[1].args, { n: 6, newest: 20, late: 18 });
  assert.equal(verdict.checks[1].place?.connection, 1);
  assert.equal(verdict.hint, 1);
});

test("no socket at all", () => {
  const acts = /** @type {[number, number][]} */ (Array.from({ length: 10 }, (_, i) => [100 * (i + 1), 2 * (i + 1)]));
  assert.deepEqual(failed(judged(acts, { connected: false })), ["!early"]);
});

test("a price that was to come", () => {
  assert.deepEqual(failed(judged([[101, 1], [182, 12], [263, 15], [344, 18], [425, 20]])), ["!early"]);
});

test("all at once", () => {
  const verdict = judged(Array.from({ length: 20 }, (_, i) => [20 * (i + 1) + 1, i + 1]));
  assert.ok(failed(verdict).includes("!hasty"));
});

test("what came during an act is forgotten", () => {
  const verdict = judged([[101, 1], [201, 6], [301, 11], [401, 16]]);
  assert.deepEqual(failed(verdict), ["passed_over", "no_final"]);
  assert.deepEqual(verdict.checks[1].args, { n: 6, newest: 5 });
  assert.deepEqual(verdict.checks[2].args, { total: 20, last: 16 });
  assert.equal(verdict.hint, 3);
});

test("what came during an act is forgotten, and by chance the last one is not", () => {
  const verdict = judged([[101, 1], [201, 6], [301, 11], [398, 16], [481, 20]]);
  assert.deepEqual(failed(verdict), ["passed_over"]);
  assert.equal(verdict.hint, 3);
});

test("a loop that looks at intervals may act on one that came a little later", () => {
  assert.deepEqual(failed(judged([[101, 1], [201, 6], [282, 10], [380, 15], [461, 19], [542, 20]])), []);
});

test("the last one alone, and one of them twice", () => {
  assert.deepEqual(failed(judged([[500, 20]])), ["acts"]);
  assert.deepEqual(failed(judged([...right, [590, 20]])), ["!twice"]);
});

test("prices of an event stream", () => {
  const recording = new Recording().stream(1, 0, "/play/pressure/sse").event(1, 10, price(1));
  const verdict = check({ capture: recording.capture, reports: reports("ws", [[100, "report", { value: 1 }]]), controls });
  assert.deepEqual(failed(verdict), ["acts", "!early", "no_final", "!only_ws"]);
});

test("nothing is reported, or no numbers are", () => {
  assert.deepEqual(failed(judged([])), ["acts", "no_final"]);
  assert.ok(failed(judged([[101, "a"], [200, null], [300, {}], [400, "b"]])).includes("!early"));
});
