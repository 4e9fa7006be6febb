// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { check } from "./check.js";
import { failed, Recording, reports } from "../../../../static/js/_testing/recording.js";

/**
 * A socket on which so many questions are asked at a time, the next when those
 * are answered; each answer takes 100 ms.
 * @param {number} atOnce
 * @param {{questions?: number, connection?: number, recording?: Recording}} [more]
 */
function socket(atOnce, { questions = 50, connection = 1, recording = new Recording() } = {}) {
  recording.socket(connection, 0, "/play/measure/ws");
  /** @type {string[]} */
  const answers = [];
  for (let n = 0; n < questions; n += atOnce) {
    const at = 10 + 110 * (n / atOnce);
    const wave = Array.from({ length: Math.min(atOnce, questions - n) }, (_, i) => `question ${connection} ${n + i}`);
    wave.forEach((question, i) => recording.text(connection, at + i / 10, "client", question));
    wave.forEach((question, i) => {
      recording.text(connection, at + 100 + i / 10, "server", `1763805600123.456 ${question}`);
      answers.push(`1763805600123.456 ${question}`);
    });
  }
  return { recording, answers };
}

/** @param {Recording} recording @param {unknown[]} answers */
function judged({ capture }, answers, at = 7000) {
  const verdict = check({ capture, reports: reports("ws", answers.map((value, i) => [at + i, "report", { value }])), controls: {} });
  return { failed: failed(verdict), hint: verdict.hint, args: Object.assign({}, ...verdict.checks.map(({ args }) => args)) };
}

test("all at once takes one round trip", () => {
  const { recording, answers } = socket(50);
  const { failed, args } = judged(recording, answers);
  assert.deepEqual(failed, []);
  assert.equal(args.trips, 1);
  assert.deepEqual(judged(recording, answers.toReversed()).failed, []); // they may come in any order
});

test("more than fifty, and what the server pushes by itself, are no fault", () => {
  const { recording, answers } = socket(60, { questions: 60 });
  recording.text(1, 300, "server", "1763805600123.456 tick");
  assert.deepEqual(judged(recording, answers).failed, []);
});

test("five at a time is as many round trips as are allowed", () => {
  const { recording, answers } = socket(5);
  assert.equal(judged(recording, answers).args.trips, 10);
  assert.deepEqual(judged(recording, answers).failed, []);
});

test("one after the other", () => {
  const { recording, answers } = socket(1);
  const { failed, hint, args } = judged(recording, answers);
  assert.deepEqual(failed, ["!trips"]);
  assert.equal(args.trips, 50);
  assert.equal(hint, 1);
});

test("always ten on their way are ten at a time", () => {
  const recording = new Recording().socket(1, 0, "/play/measure/ws");
  const answers = Array.from({ length: 50 }, (_, n) => `1763805600123.456 question ${n}`);
  // Each question follows the answer to the tenth before it.
  const asked = (/** @type {number} */ n) => 10 + 101 * Math.floor(n / 10) + (n % 10);
  for (let n = 0; n < 50; n++) {
    recording.text(1, asked(n), "client", `question ${n}`);
    recording.text(1, asked(n) + 100, "server", answers[n]);
  }
  assert.equal(judged(recording, answers).args.trips, 5);
});

test("too few, or on several sockets", () => {
  const few = socket(50, { questions: 49 });
  assert.deepEqual(judged(few.recording, few.answers).failed, ["not_asked", "few"]);
  const one = socket(25, { questions: 25 });
  const two = socket(25, { questions: 25, connection: 2, recording: one.recording });
  const { failed, args } = judged(one.recording, [...one.answers, ...two.answers]);
  assert.deepEqual(failed, ["!not_asked"]);
  assert.equal(args.sockets, 2);
});

test("answers that were not reported", () => {
  const { recording, answers } = socket(50);
  const { failed, hint, args } = judged(recording, answers.slice(3));
  assert.deepEqual(failed, ["not_answered"]);
  assert.equal(args.missing, 3);
  assert.equal(hint, 3);
});

test("every answer twice, before it came, or made up", () => {
  const { recording, answers } = socket(50);
  assert.deepEqual(judged(recording, answers.flatMap((answer) => [answer, answer])).failed, ["!twice"]);
  assert.deepEqual(judged(recording, answers, 1).failed, ["not_answered", "!early"]);
  const madeUp = answers.map((answer) => answer.replace("456", "457"));
  const { failed, args } = judged(recording, madeUp);
  assert.deepEqual(failed, ["not_answered", "!early"]);
  assert.equal(args.report, "1763805600123.457 question 1 0");
});

test("closed before the answers", () => {
  const recording = new Recording().socket(1, 0, "/play/measure/ws");
  for (let n = 0; n < 50; n++) recording.text(1, 10 + n / 10, "client", `question ${n}`);
  recording.text(1, 16, "server", "1763805600123.456 question 0");
  const stopped = judged(recording, ["1763805600123.456 question 0"]);
  assert.deepEqual(stopped.failed, ["few"]);
  recording.close(1, 17, "client", 1000);
  const { failed, hint, args } = judged(recording, ["1763805600123.456 question 0"]);
  assert.deepEqual(failed, ["!closed", "few"]);
  assert.equal(args.open, 49);
  assert.equal(hint, 3);
});

test("ended with the program before the answers", () => {
  const { recording } = socket(50);
  recording.text(1, 300, "client", "one more").close(1, 301, "client", 1001);
  assert.deepEqual(judged(recording, []).failed, ["not_answered"]);
  assert.equal(judged(recording, []).hint, 3);
});

test("an event stream beside it", () => {
  const { recording, answers } = socket(50);
  assert.deepEqual(judged(recording.stream(9, 5, "/play/measure/sse"), answers).failed, ["!only_ws"]);
});

test("nothing was done", () => {
  assert.deepEqual(judged(new Recording(), []).failed, ["not_asked", "none"]);
});
