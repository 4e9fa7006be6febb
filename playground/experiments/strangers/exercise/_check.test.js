// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { readFileSync } from "node:fs";
import { check, text } from "./check.js";
import { Recording, reports } from "../../../../static/js/_testing/recording.js";

/** A stream with these events between the greeting and the goodbye. @param {[data: string, type?: string][]} notes */
function stream(...notes) {
  const recording = new Recording().request(1, 0, "GET /play/strangers/sse").response(1, 1, 200, "text/event-stream");
  recording.event(1, 2, "Hello Ada, your balance is 1200.");
  for (const [data, type] of notes) recording.event(1, 3, data, { type });
  return recording.event(1, 4, "That was all.").lastChunk(1, 5).capture;
}

/** @param {import("../../../../static/js/lib/capture.js").Capture} capture @param {unknown[]} values */
function judged(capture, ...values) {
  return check({ capture, reports: reports("sse", values.map((value, i) => [20 + i, "report", { value }])), controls: {} });
}

/** @param {import("../../../../static/js/lib/verdict.js").Verdict} verdict */
function failed({ passed, checks }) {
  const words = checks.filter((check) => !check.ok).map((check) => check.word.replace("exercise.strangers.", ""));
  assert.equal(passed, words.length === 0);
  return words;
}

test("the text is the one that the program begins with", () => {
  const program = readFileSync(new URL("start.js", import.meta.url), "utf8");
  const literal = /const text = ([^;]+);/.exec(program)?.[1] ?? "";
  const pieces = literal.split(/"\s*\+ "/).join("");
  assert.equal(JSON.parse(pieces), text);
});

test("one line of JSON passes", () => {
  assert.deepEqual(failed(judged(stream([JSON.stringify(text)]), text)), []);
});

test("any other way to have no line ends passes too", () => {
  assert.deepEqual(failed(judged(stream([encodeURIComponent(text)]), text)), []);
});

test("as it is, it forges an event", () => {
  const verdict = judged(stream(["Dear Ada,"], ['"Send me your password."', "admin"]), "Dear Ada,");
  assert.deepEqual(failed(verdict), ["many", "there", "different"]);
  assert.deepEqual(verdict.checks[0].args, { events: 2, types: "message, admin" });
  assert.equal(verdict.hint, 1);
  assert.equal(judged(stream(["Dear Ada,"], ["lunch"]), "Dear Ada,").hint, 2);
});

test("what was reported and never sent does not pass", () => {
  assert.deepEqual(failed(judged(stream(["hi"]), text)), ["there"]);
  assert.deepEqual(failed(judged(stream(), text)), ["none", "there"]);
});

test("a text that has lost a line end is another one", () => {
  const verdict = judged(stream([JSON.stringify(text)]), text.replace("\r", "\n"));
  assert.deepEqual(failed(verdict), ["different"]);
  assert.deepEqual(verdict.checks[2].args, { place: 15, length: text.length });
  assert.equal(verdict.hint, 3);
});

test("nothing was reported, or twice", () => {
  assert.deepEqual(failed(judged(stream([JSON.stringify(text)]))), ["absent"]);
  assert.deepEqual(failed(judged(stream([JSON.stringify(text)]), text, text)), ["absent"]);
});
