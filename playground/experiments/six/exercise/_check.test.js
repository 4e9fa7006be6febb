// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { check } from "./check.js";
import { Recording, reports } from "../../../../static/js/_testing/recording.js";

const topics = ["orders", "stock", "prices", "chat", "presence", "alerts", "jobs", "news"];
const controls = { events: 2 };

/** Streams with these topics each, one connection a stream. @param {string[]} streams */
function opened(...streams) {
  const recording = new Recording();
  for (const [i, names] of streams.entries()) {
    recording.request(i + 1, i, `GET /play/six/sse?topics=${names}`).response(i + 1, i + 1, 200, "text/event-stream");
  }
  return recording.capture;
}

/** @param {string[]} names */
const all = (names) => [1, 2].flatMap((number) => names.map((topic) => ({ topic, number })));

/** @param {import("../../../../static/js/lib/capture.js").Capture} capture @param {unknown[]} values */
function judged(capture, values) {
  return check({ capture, reports: reports("sse", values.map((value, i) => [20 + i, "report", { value }])), controls });
}

/** @param {import("../../../../static/js/lib/verdict.js").Verdict} verdict */
function failed({ passed, checks }) {
  const words = checks.filter((check) => !check.ok).map((check) => check.word.replace("exercise.six.", ""));
  assert.equal(passed, words.length === 0);
  return words;
}

test("eight topics over one stream pass", () => {
  assert.deepEqual(failed(judged(opened(topics.join()), all(topics))), []);
});

test("a stream that was opened again is the same one", () => {
  assert.deepEqual(failed(judged(opened(topics.join(), topics.join()), all(topics))), []);
});

test("a stream for each topic is too many, whatever came", () => {
  const verdict = judged(opened(...topics), all(topics));
  assert.deepEqual(failed(verdict), ["many"]);
  assert.deepEqual(verdict.checks[0].args, { streams: 8 });
  assert.equal(verdict.hint, 1);
});

test("one topic is not eight", () => {
  const verdict = judged(opened("orders"), all(["orders"]));
  assert.deepEqual(failed(verdict), ["missing"]);
  assert.equal(verdict.hint, 2);
});

test("a topic that nobody listens for is missing", () => {
  const verdict = judged(opened(topics.join()), all(topics.slice(1)));
  assert.deepEqual(failed(verdict), ["missing"]);
  assert.deepEqual(verdict.checks[1].args, { topics: "orders", events: 2 });
  assert.equal(verdict.hint, 3);
});

test("nothing was opened", () => {
  assert.deepEqual(failed(judged(opened(), [])), ["many", "missing"]);
});

test("what the server did not send is no answer", () => {
  const made = topics.flatMap((topic) => [{ topic, number: 1 }, { topic, number: 1 }]);
  assert.deepEqual(failed(judged(opened(topics.join()), made)), ["wrong"]);
  assert.deepEqual(failed(judged(opened(topics.join()), [...all(topics), "news"])), ["wrong"]);
});
