// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { check } from "./check.js";
import { failed, Recording, reports, start } from "../../../../static/js/_testing/recording.js";

/** When the page is hidden and visible again. */
const absences = [[1000, 4000], [6000, 9000]];

/** @type {[number, string, object][]} */
const page = absences.flatMap(([from, to]) => [
  [from, "page", { type: "visibilitychange", hidden: true }],
  [from + 1000, "page", { type: "freeze", hidden: true }],
  [to, "page", { type: "resume", hidden: true }],
  [to, "page", { type: "visibilitychange", hidden: false }],
]);

/**
 * A run of three connections, in each of which three numbers come.
 * @param {{froms?: (string | number)[], opens?: number[], closes?: number[], numbers?: number[][], said?: [number, number][]}} [as]
 */
function run({ froms = ["", 3, 6], opens = [10, 4010, 9010], closes = [1010, 6010, Infinity], numbers = [[1, 2, 3], [4, 5, 6], [7, 8, 9]], said } = {}) {
  const recording = new Recording();
  /** @type {[number, number][]} */
  const came = [];
  opens.forEach((at, i) => {
    recording.socket(i, at, `/play/asleep/ws${froms[i] === "" ? "" : `?from=${froms[i]}`}`);
    numbers[i].forEach((number, j) => {
      recording.text(i, at + 10 + 10 * j, "server", String(number));
      came.push([at + 11 + 10 * j, number]);
    });
    if (closes[i] < Infinity) recording.close(i, closes[i], "client", 1005).close(i, closes[i] + 1, "server", 1005);
  });
  /** @type {[number, string, object][]} */
  const list = [
    ...page,
    ...opens.map((at) => /** @type {[number, string, object]} */ ([at - 5, "request", { address: "ws://here" }])),
    ...(said ?? came).map(([at, value]) => /** @type {[number, string, object]} */ ([at, "report", { value }])),
  ].sort(([a], [b]) => a - b);
  return { capture: recording.capture, reports: reports("ws", list), controls: {} };
}

/** @param {ReturnType<typeof run>} evidence @param {number} [until] */
function judge(evidence, until) {
  const list = evidence.reports.filter(({ at }) => until === undefined || at <= start + until);
  return check({ ...evidence, reports: list, ...(until && { until: start + until }) });
}

test("closed, back, all, once", () => {
  const verdict = judge(run());
  assert.deepEqual(failed(verdict), []);
  assert.deepEqual(verdict.checks[1].args, { ms: 5, limit: 1000 });
});

test("nothing has happened yet", () => {
  assert.deepEqual(failed(check({ capture: new Recording().capture, reports: [], controls: {} })), ["unseen", "not_yet", "none"]);
});

test("open while the page was hidden", () => {
  const open = run({ closes: [Infinity, 6010, Infinity] });
  const verdict = judge(open);
  assert.equal(failed(verdict)[0], "!open");
  assert.equal(verdict.hint, 1);
  assert.equal(failed(judge(run({ closes: [1950, 6010, Infinity] })))[0], "!open"); // only when it was frozen
  assert.equal(failed(judge(run({ opens: [10, 3000, 9010] })))[0], "!open"); // before the page was back
});

test("closed in time, on a machine that is slow", () => {
  assert.deepEqual(failed(judge(run({ closes: [1800, 6800, Infinity] }))), []);
});

test("what is still open is not decided before it has had its time", () => {
  const open = run({ closes: [Infinity, Infinity, Infinity], opens: [10], numbers: [[1, 2, 3]] });
  assert.deepEqual(failed(judge(open, 1100)), ["unseen", "not_yet"]);
  assert.deepEqual(failed(judge(open, 4000 - 1)), ["!open", "not_yet"]);
});

test("a socket that is on the wire before its program's word that the page is back", () => {
  const evidence = run();
  const until = start + 4100;
  const before = evidence.reports.filter(({ at }) => at < start + 4000);
  assert.deepEqual(failed(check({ ...evidence, capture: run({ opens: [10, 4010], closes: [1010, Infinity] }).capture, reports: before, until })), ["unseen", "not_yet"]);
});

test("back too late, or never", () => {
  const late = judge(run({ opens: [10, 5400, 9010] }));
  assert.deepEqual(failed(late), ["!late"]);
  assert.deepEqual([late.checks[1].args.ms, late.hint], [1395, 2]);
  const never = run({ opens: [10], closes: [1010], numbers: [[1, 2, 3]] });
  assert.deepEqual(failed(judge(never, 4500)), ["unseen", "not_yet"]);
  assert.deepEqual(failed(judge(never, 7100)), ["unseen", "!away"]);
});

test("from the beginning, whether the program leaves out what it has had or not", () => {
  const numbers = [[1, 2, 3], [1, 2, 3, 4, 5, 6], [7, 8, 9]];
  const said = /** @type {[number, number][]} */ ([1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => [n < 4 ? 11 + 10 * n : n < 7 ? 4100 : 9100, n]));
  const verdict = judge(run({ froms: ["", "", 6], numbers, said }));
  assert.deepEqual(failed(verdict), ["!anew"]);
  assert.equal(verdict.hint, 3);
  assert.deepEqual(failed(judge(run({ froms: ["", 0, 6], numbers }))), ["!restarted", "!twice"]);
});

test("a number that the server leaves out, because the program says that it had it", () => {
  const verdict = judge(run({ froms: ["", 4, 6], numbers: [[1, 2, 3], [5, 6], [7, 8, 9]] }));
  assert.deepEqual(failed(verdict), ["!skipped", "missing"]);
  assert.deepEqual(verdict.checks.find(({ word }) => word.endsWith("skipped"))?.args, { from: 4, number: 4 });
  assert.equal(verdict.hint, 3);
  assert.ok(failed(judge(run({ froms: [1, 3, 6], numbers: [[2, 3], [4, 5, 6], [7, 8, 9]] }))).includes("!skipped"));
});

test("numbers that a program counts up by itself are not those that none has reported", () => {
  assert.deepEqual(failed(judge(run({ said: [[5, 1], [6, 2]], numbers: [[], [], []], froms: ["", 0, 0] }))), ["not_yet", "early"]);
});

test("a number too few, twice, or made up", () => {
  const all = /** @type {[number, number][]} */ ([1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => [n < 4 ? 11 + 10 * n : n < 7 ? 4100 : 9100, n]));
  assert.deepEqual(failed(judge(run({ said: [...all, [9200, 9]] }))), ["!twice"]);
  assert.deepEqual(failed(judge(run({ said: [...all, [9200, 10]] }))), ["early"]);
  assert.deepEqual(failed(judge(run({ said: all.toSpliced(4, 1) }))), ["missing"]);
});

test("what came after the last report is not lost", () => {
  const all = /** @type {[number, number][]} */ ([1, 2, 3, 4, 5, 6, 7].map((n) => [n < 4 ? 11 + 10 * n : n < 7 ? 4100 : 9100, n]));
  assert.deepEqual(failed(judge(run({ said: all }))), []);
});

test("numbers that an event stream brought", () => {
  const evidence = run();
  const recording = new Recording().stream(9, 5, "/play/asleep/sse").event(9, 6, "1");
  assert.ok(failed(check({ ...evidence, capture: recording.capture })).includes("!only_ws"));
});
