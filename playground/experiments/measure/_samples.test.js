// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { stepOf } from "./clock.js";
import { milliseconds, samplesOf, summaryOf } from "./samples.js";
import { reports } from "../../../static/js/_testing/recording.js";

/** @param {"sse"|"ws"} side @param {unknown[]} values */
const rounds = (side, ...values) => reports(side, values.map((value, i) => [i, "report", { value }]));

test("rounds are put together, each side's by itself", () => {
  const { sse, ws } = samplesOf([
    ...rounds("sse", { connect: [3], first: [4], push: [1, 2], roundTrip: [5, 6] }, { connect: [2], push: [3] }),
    ...rounds("ws", { connect: [9] }),
  ]);
  assert.deepEqual(sse, { rounds: 2, connect: [3, 2], first: [4], push: [1, 2, 3], roundTrip: [5, 6] });
  assert.deepEqual(ws, { rounds: 1, connect: [9], first: [], push: [], roundTrip: [] });
});

test("programs beside the sides have lists of their own", () => {
  const [report] = rounds("sse", { first: [4], push: [1, 2] });
  const { sse, poll } = samplesOf([{ ...report, beside: "poll" }]);
  assert.equal(sse.rounds, 0);
  assert.deepEqual(poll, { rounds: 1, connect: [], first: [4], push: [1, 2], roundTrip: [] });
});

test("one-way times are put right by the fastest round trip of both sides", () => {
  // The server's clock is 100 ms ahead; only the fastest trip says so exactly.
  const { sse, ws, error } = samplesOf([
    ...rounds("sse", { push: [-99, -98], roundTrip: [8, 4], ahead: [103, 98] }),
    ...rounds("ws", { push: [-99.5], roundTrip: [2], ahead: [100] }),
  ]);
  assert.deepEqual(sse.push, [1, 2]);
  assert.deepEqual(ws.push, [0.5]);
  assert.equal(error, 1);
});

test("whatever a changed program reports", () => {
  const { sse, error } = samplesOf(
    rounds("sse", null, 7, "text", [], { connect: "3", push: [1, NaN, "2", null, 3], roundTrip: { length: 2 } }, { connect: Array(5000).fill(1) }),
  );
  assert.deepEqual(sse.push, [1, 3]);
  assert.equal(sse.connect.length, 1000);
  assert.ok(Number.isNaN(error));
});

test("percentiles are samples, and are left out where there are too few", () => {
  assert.equal(summaryOf([]), undefined);
  assert.deepEqual(summaryOf([5]), { n: 1, min: 5, p50: 5, max: 5 });
  assert.deepEqual(summaryOf([10, 9, 8, 7, 6, 5, 4, 3, 2, 1]), { n: 10, min: 1, p50: 5, p90: 9, max: 10 });
  const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
  assert.deepEqual(summaryOf(hundred), { n: 100, min: 1, p50: 50, p90: 90, p99: 99, max: 100 });
});

test("the step of a clock", () => {
  let looks = 0;
  assert.equal(stepOf(() => Math.floor(looks++ / 10) * 0.5), 0.5);
  assert.equal(stepOf(() => 7), Infinity);
});

test("three figures, and no more than microseconds", () => {
  assert.deepEqual([0, 0.0004, 0.3, 0.9951, 4.4, 12.34, 123.4, -0.25].map(milliseconds), ["0.000", "0.000", "0.300", "1.00", "4.40", "12.3", "123", "-0.250"]);
});
