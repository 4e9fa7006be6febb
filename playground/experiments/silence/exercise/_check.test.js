// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { check } from "./check.js";
import { failed, Recording, reports, start } from "../../../../static/js/_testing/recording.js";

const controls = { pause: 3300, interval: 500, every: 300, heartbeat: "message", moments: "surprise" };

/**
 * A line that is quiet from 600 on, slow from 4500 on (both over at 5600), and
 * dead after 5900, as far as it was watched.
 * @param {number} until
 */
function line(until = Infinity) {
  const recording = new Recording().stream(1, 0, "/play/silence/sse");
  const numbers = [10, 310, 610, 4210, 4510, 5610, 5900].map((at) => ({ at, type: "message" }));
  const beats = [500, 1000, 1500, 2000, 2500, 3000, 3500, 4000, 4500, 5610].map((at) => ({ at, type: "heartbeat" }));
  for (const { at, type } of [...numbers, ...beats].sort((a, b) => a.at - b.at)) {
    if (at < until) recording.event(1, at, String(at), { type });
  }
  return recording;
}

/** @param {Recording} recording @param {number[]} alarms @param {number} [until] */
function judge({ capture }, alarms, until) {
  const list = reports("sse", alarms.map((at) => [at, "report", { value: "alarm" }]));
  return check({ capture, reports: list, controls, ...(until && { until: start + until }) });
}

test("noticed in time, and only then", () => {
  const verdict = judge(line(), [8100]);
  assert.deepEqual(failed(verdict), []);
  assert.deepEqual(verdict.checks[1].args, { ms: 2200, limit: 3000 });
});

test("other reports beside it do not matter", () => {
  const list = reports("sse", [[100, "report", { value: "number 1" }], [8100, "report", { value: "alarm" }]]);
  assert.deepEqual(failed(check({ capture: line().capture, reports: list, controls })), []);
});

test("an alarm while the line is quiet is decided at once", () => {
  const verdict = judge(line(1610), [1610], 1700);
  assert.deepEqual(failed(verdict), ["!false_quiet", "unnoticed"]);
  assert.deepEqual(verdict.checks[0].args, { ms: 110 });
  assert.equal(verdict.hint, 1);
});

test("an alarm while the line is slow, whether it was watched on or not", () => {
  for (const recording of [line(5510), line()]) {
    const verdict = judge(recording, [5510, 8100]);
    assert.deepEqual([failed(verdict)[0], verdict.checks[0].args, verdict.hint], ["!false_slow", { ms: 1000 }, 2]);
  }
});

test("an alarm at a fixed time, before anything came, or on the other side", () => {
  assert.deepEqual(failed(judge(line(), [4300], 9000)), ["!false_quiet", "unnoticed"]);
  assert.deepEqual(failed(judge(line(), [1], 9000)), ["!false_start", "unnoticed"]);
  const list = reports("ws", [[8100, "report", { value: "alarm" }]]);
  assert.equal(check({ capture: line().capture, reports: list, controls }).passed, false);
});

test("noticed too late", () => {
  const verdict = judge(line(), [9000]);
  assert.deepEqual(failed(verdict), ["!late"]);
  assert.equal(verdict.hint, 3);
});

test("never noticed: that is known once there was time for it", () => {
  assert.deepEqual(failed(judge(line(), [], 8000)), ["unnoticed"]);
  assert.deepEqual(failed(judge(line(), [], 10_000)), ["unnoticed"]);
  assert.deepEqual(failed(judge(line(), [], 11_000)), ["!unnoticed"]);
});

test("not watched to the end", () => {
  for (const recording of [line(2000), new Recording()]) assert.deepEqual(failed(judge(recording, [])), ["unseen", "unnoticed"]);
});

test("an alarm that is repeated", () => {
  assert.deepEqual(failed(judge(line(), [8100, 8100])), ["!repeated"]);
  assert.deepEqual(failed(judge(line(), [8100, 10_300, 12_500])), ["!repeated"]);
});

test("a WebSocket that knows when the line dies", () => {
  assert.deepEqual(failed(judge(line().socket(2, 5, "/play/silence/ws"), [8100])), ["!only_sse"]);
});
