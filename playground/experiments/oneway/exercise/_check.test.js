// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { check } from "./check.js";
import { Recording, reports } from "../../../../static/js/_testing/recording.js";

const controls = { size: 1024 };
const picture = Array.from({ length: 1024 }, (_, i) => i % 256);

/** A stream that brings one event, taking so many bytes on the wire. @param {number} length */
function stream(length) {
  return new Recording()
    .request(1, 0, "GET /play/oneway/sse")
    .response(1, 1, 200, "text/event-stream")
    .request(2, 5, "POST /play/oneway/send")
    .response(2, 6, 204)
    .event(1, 10, "…", { length }).capture;
}

/** @param {import("../../../../static/js/lib/capture.js").Capture} capture @param {unknown[]} values */
function judged(capture, ...values) {
  return check({ capture, reports: reports("sse", values.map((value, i) => [20 + i, "report", { value }])), controls });
}

/** @param {import("../../../../static/js/lib/verdict.js").Verdict} verdict */
function failed({ passed, checks }) {
  const words = checks.filter((check) => !check.ok).map((check) => check.word.replace("exercise.oneway.", ""));
  assert.equal(passed, words.length === 0);
  return words;
}

test("base64 passes", () => {
  assert.deepEqual(failed(judged(stream(1383), picture)), []);
});

test("a list of numbers in JSON is too long", () => {
  const verdict = judged(stream(3700), picture);
  assert.deepEqual(failed(verdict), ["cost"]);
  assert.deepEqual(verdict.checks[2].args, { cost: "3.61", limit: 1.4 });
  assert.equal(verdict.hint, 1);
});

test("hexadecimal is too long as well", () => {
  const verdict = judged(stream(2065), picture);
  assert.deepEqual(failed(verdict), ["cost"]);
  assert.equal(verdict.hint, 2);
});

test("nothing was reported", () => {
  assert.deepEqual(failed(judged(stream(1383))), ["absent", "same", "cost"]);
});

test("it was reported, but not sent", () => {
  assert.deepEqual(failed(judged(stream(40), picture)), ["absent", "same", "cost"]);
});

test("two are reported, and one was sent", () => {
  assert.deepEqual(failed(judged(stream(1383), picture, picture)), ["absent", "same", "cost"]);
});

test("the place of the first byte that differs", () => {
  for (const [value, place] of /** @type {const} */ ([
    [picture.with(700, 0), 700],
    [picture.slice(0, 1000), 1000],
    [[...picture, 0], 1024],
    ["not a list", 0],
  ])) {
    const verdict = judged(stream(1383), value);
    assert.deepEqual(failed(verdict), ["different"]);
    assert.deepEqual(verdict.checks[1].args, { size: 1024, place });
  }
});
