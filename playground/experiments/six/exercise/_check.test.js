// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { check } from "./check.js";
import { failed, Recording, reports } from "../../../../static/js/_testing/recording.js";

const topics = ["orders", "stock", "prices", "chat", "presence", "alerts", "jobs", "news"];
const controls = { events: 2 };

/** Streams that bring two events of each of their topics, at 100 and at 400 ms. @param {string[][]} lists */
function opened(...lists) {
  const recording = new Recording();
  lists.forEach((list, i) => recording.stream(i, i, `/play/six/sse?topics=${list}`));
  for (const [n, at] of [[1, 100], [2, 400]]) lists.forEach((list, i) => list.forEach((type) => recording.event(i, at, String(n), { type })));
  return recording;
}

/** @param {string[]} list @param {number} [early] ms */
function all(list, early = 0) {
  return [1, 2].flatMap((number) => list.map((topic) => /** @type {[number, unknown]} */ ([(number === 1 ? 101 : 401) - early, { topic, number }])));
}

/** @param {Recording} recording @param {[number, unknown][]} list */
function judged({ capture }, list) {
  return check({ capture, reports: reports("sse", list.map(([at, value]) => [at, "report", { value }])), controls });
}

test("eight topics over one stream pass", () => {
  assert.deepEqual(failed(judged(opened(topics), all(topics))), []);
  const texts = all(topics).map(([at, value]) => /** @type {[number, any]} */ ([at, { ...(/** @type {any} */ (value)), number: String(/** @type {any} */ (value).number) }]));
  assert.deepEqual(failed(judged(opened(topics), texts)), [], "a number is a number");
});

test("a stream that was opened again is the same one", () => {
  const recording = opened(topics).end(0, 500, "server", "reset").stream(7, 600, `/play/six/sse?topics=${topics}`);
  assert.deepEqual(failed(judged(recording, all(topics))), []);
});

test("a stream for each topic, or two of all, is too many", () => {
  const verdict = judged(opened(...topics.map((topic) => [topic])), all(topics));
  assert.deepEqual(failed(verdict), ["!many"]);
  assert.equal(verdict.checks[0].args.streams, 8);
  assert.equal(verdict.checks[0].place?.connection, 1);
  assert.equal(verdict.hint, 1);
  assert.deepEqual(failed(judged(opened(topics, topics), all(topics))), ["!many"]);
});

test("one topic came, and the others are made up", () => {
  const verdict = judged(opened(["orders"]), all(topics));
  assert.deepEqual(failed(verdict), ["missing", "!early"]);
  assert.equal(verdict.checks[2].args.report, '{"topic":"stock","number":1}');
  assert.equal(verdict.hint, 2);
});

test("all are reported before they came", () => {
  assert.deepEqual(failed(judged(opened(topics), all(topics, 400))), ["unreported", "!early"]);
  assert.deepEqual(failed(judged(opened(), all(topics))), ["many", "missing", "!early"]);
});

test("a topic that nothing listens for has come, and is not reported", () => {
  const verdict = judged(opened(topics), all(topics.slice(1)));
  assert.deepEqual(failed(verdict), ["unreported"]);
  assert.deepEqual(verdict.checks[1].args, { topics: "orders", events: 2 });
  assert.equal(verdict.checks[1].place?.connection, 0);
  assert.equal(verdict.hint, 3);
});

test("each twice, out of order, and what is no event", () => {
  const right = all(topics);
  assert.deepEqual(failed(judged(opened(topics), right.flatMap((report) => [report, report]))), ["!wrong"]);
  assert.deepEqual(failed(judged(opened(topics), [...right.slice(8), ...right.slice(0, 8).map(([, value]) => /** @type {[number, unknown]} */ ([402, value]))])), ["!wrong"]);
  assert.deepEqual(failed(judged(opened(topics), [...right, [402, "news"]])), ["!early"]);
  assert.deepEqual(failed(judged(opened(topics), [...right, [402, null]])), ["!early"]);
});

test("a WebSocket beside it", () => {
  assert.deepEqual(failed(judged(opened(topics).socket(9, 5, "/play/six/ws"), all(topics))), ["!only_sse"]);
});

test("a report says something only where there is one", () => {
  const verdict = judged(opened(topics), []);
  assert.deepEqual(verdict.checks.map(({ ok, word }) => [ok, word]), [[true, "exercise.six.one"], [false, "exercise.six.unreported"]]);
  assert.deepEqual(failed(judged(opened(), [])), ["many", "missing"]);
});
