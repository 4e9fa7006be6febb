// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { check } from "./check.js";
import { Recording, reports } from "../../../../static/js/_testing/recording.js";

const controls = { pause: 3300, interval: 500, every: 300, heartbeat: "message", moments: "surprise" };

/**
 * A line that is quiet from 600 on, slow from 4500 on (both over at 5600), and
 * dead after 5900, as far as it was watched.
 * @param {number} until
 */
function line(until = Infinity) {
  const recording = new Recording().request(1, 0, "GET /play/silence/sse").response(1, 1, 200, "text/event-stream");
  const numbers = [10, 310, 610, 4210, 4510, 5610, 5900].map((at) => ({ at, type: "message" }));
  const beats = [500, 1000, 1500, 2000, 2500, 3000, 3500, 4000, 4500, 5610].map((at) => ({ at, type: "heartbeat" }));
  for (const { at, type } of [...numbers, ...beats].sort((a, b) => a.at - b.at)) {
    if (at < until) recording.event(1, at, String(at), { type });
  }
  return recording.capture;
}

/** @param {import("../../../../static/js/lib/capture.js").Capture} capture @param {number[]} alarms */
function judge(capture, ...alarms) {
  const list = reports("sse", alarms.map((at) => [at, "report", { value: "alarm" }]));
  const { passed, checks, hint } = check({ capture, reports: list, controls });
  return { passed, hint, words: checks.map(({ ok, word }) => (ok ? "" : "not ") + word.replace("exercise.silence.", "")), args: checks.map(({ args }) => args) };
}

test("noticed in time, and only then", () => {
  const { passed, words, args, hint } = judge(line(), 8100);
  assert.deepEqual([passed, words, args[1], hint], [true, ["calm", "noticed"], { ms: 2200, limit: 3000 }, 0]);
});

test("an alarm while the line is quiet", () => {
  const { passed, words, args, hint } = judge(line(1610), 1610);
  assert.deepEqual([passed, words, args[0], hint], [false, ["not false_quiet", "not unnoticed"], { ms: 110 }, 1]);
});

test("an alarm while the line is slow, whether it was watched on or not", () => {
  for (const capture of [line(5510), line()]) {
    const { passed, words, args, hint } = judge(capture, 5510, 8100);
    assert.deepEqual([passed, words[0], args[0], hint], [false, "not false_slow", { ms: 1000 }, 2]);
  }
});

test("noticed too late", () => {
  const { passed, words, hint } = judge(line(), 9000);
  assert.deepEqual([passed, words, hint], [false, ["calm", "not late"], 3]);
});

test("never noticed", () => {
  const { passed, words } = judge(line());
  assert.deepEqual([passed, words], [false, ["calm", "not unnoticed"]]);
});

test("not watched to the end", () => {
  for (const capture of [line(2000), new Recording().capture]) {
    const { passed, words } = judge(capture);
    assert.deepEqual([passed, words], [false, ["not unseen", "not unnoticed"]]);
  }
});

test("an alarm that is repeated", () => {
  assert.equal(judge(line(), 8100, 10300, 12500).passed, true);
});

test("what the other side reports does not count", () => {
  const list = reports("ws", [[8100, "report", { value: "alarm" }]]);
  assert.equal(check({ capture: line(), reports: list, controls }).passed, false);
});
