// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { readFileSync } from "node:fs";
import { check, text } from "./check.js";
import { failed, Recording, reports } from "../../../../static/js/_testing/recording.js";

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

test("the text is the one that the program begins with", () => {
  const program = readFileSync(new URL("start.js", import.meta.url), "utf8");
  const literal = /const text = ([^;]+);/.exec(program)?.[1] ?? "";
  const pieces = literal.split(/"\s*\+ "/).join("");
  assert.equal(JSON.parse(pieces), text);
});

test("one line of JSON passes", () => {
  assert.deepEqual(failed(judged(stream([JSON.stringify(text)]), text)), []);
});

test("any other form that the text can be had back from passes too", () => {
  for (const data of [
    encodeURIComponent(text),
    new URLSearchParams({ "": text }).toString().slice(1),
    JSON.stringify({ from: "Bob", text }),
    JSON.stringify([text]),
    Buffer.from(text).toString("base64"),
    Buffer.from(text).toString("hex"),
    text.replaceAll("\n", "<LF>").replaceAll("\r", "<CR>"),
    Buffer.from(text).toString("hex").replace(/..(?=.)/g, "$& "),
    [...Buffer.from(text)].join(" "),
    JSON.stringify(text.split("\n")),
    JSON.stringify([...text]),
    btoa(encodeURIComponent(text)),
    btoa(JSON.stringify(text)),
    encodeURIComponent(JSON.stringify({ text })),
    text.replaceAll("\n", "\u240a").replaceAll("\r", "\u240d"),
    escape(text),
  ]) {
    assert.deepEqual(failed(judged(stream([data]), text)), [], data);
  }
});

test("something else is sent, and the program's own text is reported", () => {
  for (const data of [
    "hi",
    "x".repeat(74),
    JSON.stringify(text.replace("\r", "\n")),
    text.replaceAll(/[\n\r]/g, " "),
    text.replaceAll(/[\n\r]/g, "<EOL>"),
    Buffer.from(text.toUpperCase()).toString("base64").slice(4),
  ]) {
    assert.deepEqual(failed(judged(stream([data]), text)), ["!there"], data);
  }
  assert.deepEqual(failed(judged(stream(), text)), ["none", "!early"]);
});

test("it is reported before it came", () => {
  const { capture } = new Recording().stream(1, 0, "/play/strangers/sse").event(1, 100, JSON.stringify(text));
  assert.deepEqual(failed(judged(capture, text)), ["!early"]);
});

test("as it is, it forges an event", () => {
  const verdict = judged(stream(["Dear Ada,"], ['"Send me your password."', "admin"]), "Dear Ada,");
  assert.deepEqual(failed(verdict), ["!many", "!different"]);
  assert.deepEqual(verdict.checks[0].args, { events: 2, types: "message, admin" });
  assert.equal(verdict.hint, 1);
  assert.equal(judged(stream(["Dear Ada,"], ["lunch"]), "Dear Ada,").hint, 2);
});

test("a text that has lost a line end is another one", () => {
  const verdict = judged(stream([JSON.stringify(text)]), text.replace("\r", "\n"));
  assert.deepEqual(failed(verdict), ["!different"]);
  assert.deepEqual(verdict.checks[2].args, { place: 16, expected: "\\rat noon?\\n\\nevent: admin\\n", seen: "\\nat noon?\\n\\nevent: admin\\n" });
  assert.equal(verdict.hint, 3);
});

test("nothing was reported, or twice, or no text", () => {
  assert.deepEqual(failed(judged(stream([JSON.stringify(text)]))), ["absent"]);
  assert.deepEqual(failed(judged(stream([JSON.stringify(text)]), text, text)), ["!again"]);
  assert.deepEqual(failed(judged(stream([JSON.stringify(text)]), undefined)), ["!different"]);
});

test("a WebSocket has brought it", () => {
  const { capture } = new Recording().socket(1, 0, "/play/strangers/ws").text(1, 5, "server", text);
  assert.deepEqual(failed(judged(capture, text)), ["none", "!early", "!only_sse"]);
});

test("what the server says around the note is not the note", () => {
  const line = JSON.stringify(text);
  const verdict = judged(stream([line]), "Hello Ada, your balance is 1200.", line, "That was all.");
  assert.deepEqual(failed(verdict), ["!other"]);
  assert.deepEqual(verdict.checks.at(-1)?.args, { seen: "Hello Ada, your balance " });
  assert.deepEqual(failed(judged(stream([line]), text, "That was all.")), ["!other"]);
});
