// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { check } from "./check.js";
import { Recording, reports } from "../../../../static/js/_testing/recording.js";

const controls = { total: 20, every: 20, work: 80 };

/**
 * A run in which price n arrives at 20 n ms.
 * @param {[number, unknown][]} acts each as [ms, value that is reported]
 */
function judged(acts) {
  const arrived = Array.from({ length: controls.total }, (_, i) => /** @type {[number, string, object]} */ ([20 * (i + 1), "message", { data: `{"n":${i + 1},"price":1` }]));
  const reported = acts.map(([at, value]) => /** @type {[number, string, object]} */ ([at, "report", { value }]));
  const all = [...arrived, ...reported].toSorted((a, b) => a[0] - b[0]);
  return check({ capture: new Recording().capture, reports: reports("ws", all), controls });
}

/** @param {import("../../../../static/js/lib/verdict.js").Verdict} verdict */
function failed({ passed, checks }) {
  const words = checks.filter((check) => !check.ok).map((check) => check.word.replace("exercise.pressure.", ""));
  assert.equal(passed, words.length === 0);
  return words;
}

test("the newest each time, and the last", () => {
  assert.deepEqual(failed(judged([[101, 1], [182, 5], [263, 9], [344, 13], [425, 17], [506, 20]])), []);
});

test("on a machine that stands still for a while it is right as well", () => {
  assert.deepEqual(failed(judged([[101, 1], [182, 5], [399, 9], [490, 19], [580, 20]])), []);
});

test("one after the other, in order", () => {
  const verdict = judged(Array.from({ length: 20 }, (_, i) => [101 + 81 * i, i + 1]));
  assert.deepEqual(failed(verdict), ["old"]);
  assert.deepEqual(verdict.checks[1].args, { n: 6, newest: 20, late: 18 });
  assert.equal(verdict.hint, 1);
});

test("all at once", () => {
  const verdict = judged(Array.from({ length: 20 }, (_, i) => [100 + 20 * i + 1, i + 1]));
  assert.ok(failed(verdict).includes("hasty"));
});

test("what came during an act is forgotten", () => {
  const verdict = judged([[101, 1], [201, 6], [301, 11], [381, 16]]);
  assert.deepEqual(failed(verdict), ["no_final"]);
  assert.deepEqual(verdict.checks[2].args, { total: 20, last: 16 });
  assert.equal(verdict.hint, 3);
});

test("the last one alone", () => {
  assert.deepEqual(failed(judged([[500, 20]])), ["acts"]);
});

test("one of them twice", () => {
  assert.deepEqual(failed(judged([[101, 1], [182, 5], [263, 9], [344, 13], [425, 17], [506, 20], [590, 20]])), ["twice"]);
});

test("nothing is reported, or no numbers are", () => {
  assert.deepEqual(failed(judged([])), ["acts", "newest", "no_final", "one_by_one"]);
  assert.ok(failed(judged([[101, "a"], [200, null], [300, {}], [400, "b"]])).includes("old"));
});
