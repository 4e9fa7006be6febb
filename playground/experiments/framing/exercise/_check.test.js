// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { check } from "./check.js";
import { Recording, reports } from "../../../../static/js/_testing/recording.js";

/**
 * A run in which the browser dispatched these events, and the parser was left
 * with an id in its buffer and one that is committed.
 * @param {{type: string, data: string, lastEventId?: string}[]} messages
 */
function judged(messages, id = "", lastEventId = id) {
  const recording = new Recording().request(1, 0, "GET /play/framing/sse").response(1, 1, 200, "text/event-stream");
  recording.frame(1, "server", 5, "sse", "blank", 1, {});
  Object.assign(recording.capture.frames[recording.capture.frames.length - 1], { sse: { id, lastEventId } });
  return check({
    capture: recording.capture,
    reports: reports("sse", messages.map((message) => [10, "message", { lastEventId: "", ...message }])),
    controls: {},
  });
}

/** @param {import("../../../../static/js/lib/verdict.js").Verdict} verdict */
function failed({ passed, checks }) {
  const words = checks.filter((check) => !check.ok).map((check) => check.word.replace("exercise.framing.", ""));
  assert.equal(passed, words.length === 0);
  return words;
}

const price = { type: "price", data: "9.50\n9.70" };

test("a price of two lines, and an id after it", () => {
  // event: price\ndata: 9.50\ndata: 9.70\n\nid: 7\n\n
  const verdict = judged([price], "7");
  assert.deepEqual(failed(verdict), []);
  assert.deepEqual(verdict.checks.map(({ args }) => args), [{ data: '"9.50\\n9.70"' }, { id: "7", last: "" }]);
});

test("another id than the event's", () => {
  assert.deepEqual(failed(judged([{ ...price, lastEventId: "7" }], "8")), []);
});

test("other events in between", () => {
  assert.deepEqual(failed(judged([{ type: "message", data: "" }, price, { type: "message", data: "x" }], "7")), []);
});

test("the event brings the id itself", () => {
  const verdict = judged([{ ...price, lastEventId: "7" }], "7");
  assert.deepEqual(failed(verdict), ["unchanged"]);
  assert.equal(verdict.hint, 2);
});

test("the last blank line is missing", () => {
  const verdict = judged([price], "7", "");
  assert.deepEqual(failed(verdict), ["waiting"]);
  assert.equal(verdict.checks[1].args.id, "7");
  assert.equal(verdict.hint, 3);
});

test("no id", () => {
  assert.deepEqual(failed(judged([price])), ["unchanged"]);
});

test("one line", () => {
  const verdict = judged([{ type: "price", data: "9.50" }], "7");
  assert.deepEqual(failed(verdict), ["lines"]);
  assert.equal(verdict.checks[0].args.lines, 1);
  assert.equal(verdict.hint, 1);
});

test("an event without the type", () => {
  const verdict = judged([{ type: "message", data: "9.50\n9.70" }], "7");
  assert.deepEqual(failed(verdict), ["types"]);
  assert.equal(verdict.checks[0].args.types, "message");
});

test("nothing was dispatched", () => {
  assert.deepEqual(failed(judged([], "7")), ["nothing", "unchanged"]);
});

test("there was no run", () => {
  assert.deepEqual(failed(check({ capture: new Recording().capture, reports: [], controls: {} })), ["nothing", "unchanged"]);
});
