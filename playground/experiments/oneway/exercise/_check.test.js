// @ts-check
import assert from "node:assert/strict";
import { deflateSync } from "node:zlib";
import { test } from "node:test";
import { check } from "./check.js";
import { failed, Recording, reports } from "../../../../static/js/_testing/recording.js";

const controls = { size: 1024 };
const picture = Array.from({ length: 1024 }, (_, i) => i % 256);
const base64 = Buffer.from(picture).toString("base64");

/** A stream that brings these events, and a program that reports values afterwards. @param {string[]} data @param {unknown[]} values */
function judged(data, values, at = 200) {
  const recording = new Recording().stream(1, 0, "/play/oneway/sse").request(2, 5, "POST /play/oneway/send").response(2, 6, 204);
  data.forEach((text, i) => recording.event(1, 100 + i, text));
  return check({ capture: recording.capture, reports: reports("sse", values.map((value) => [at, "report", { value }])), controls });
}

test("base64 passes, in one event or several, and twice if it is reported twice", () => {
  assert.deepEqual(failed(judged([base64], [picture])), []);
  assert.deepEqual(failed(judged([base64.replaceAll("=", "")], [picture])), []);
  assert.deepEqual(failed(judged([base64.slice(0, 684), base64.slice(684)], [picture])), []);
  assert.deepEqual(failed(judged([base64, base64], [picture, picture])), []);
});

test("a list of numbers in JSON is too long, and so is hexadecimal", () => {
  const list = judged([JSON.stringify(picture)], [picture]);
  assert.deepEqual(failed(list), ["cost"]);
  assert.deepEqual(list.checks[2].args, { cost: "3.59", limit: 1.4 });
  assert.equal(list.hint, 1);
  const hexadecimal = judged([Buffer.from(picture).toString("hex")], [picture]);
  assert.deepEqual(failed(hexadecimal), ["cost"]);
  assert.equal(hexadecimal.hint, 2);
});

test("anything is sent, and the program's own picture is reported", () => {
  assert.deepEqual(failed(judged(["x".repeat(1100)], [picture])), ["unlike"]);
  assert.deepEqual(failed(judged([Buffer.from(picture.map((byte) => byte % 5)).toString("base64")], [picture])), ["unlike"]);
  assert.deepEqual(failed(judged(["ready"], [picture])), ["short"]);
  assert.deepEqual(failed(judged([base64], [picture, picture])), ["unlike"]);
});

test("it is reported before it came, or never came", () => {
  assert.deepEqual(failed(judged([base64], [picture], 20)), ["!early"]);
  assert.deepEqual(failed(judged([], [picture])), ["absent", "!early"]);
});

test("compressed: the reason is the true one", () => {
  const verdict = judged([deflateSync(Buffer.from(picture)).toString("base64")], [picture]);
  assert.deepEqual(failed(verdict), ["short"]);
  assert.ok(Number(verdict.checks[0].args.characters) < 1024);
});

test("the bytes went up as they are, and the server refused them", () => {
  const recording = new Recording().stream(1, 0, "/play/oneway/sse").request(2, 5, "POST /play/oneway/send").response(2, 6, 400, "application/problem+json");
  const verdict = check({ capture: recording.capture, reports: [], controls });
  assert.deepEqual(failed(verdict), ["refused", "silent"]);
  assert.deepEqual(verdict.checks[0].args, { status: 400 });
  assert.equal(verdict.hint, 2);
});

test("nothing was reported", () => {
  assert.deepEqual(failed(judged([base64], [])), ["silent"]);
});

test("the place of the first byte that differs", () => {
  for (const [value, place, seen] of /** @type {const} */ ([
    [picture.with(700, 0), 700, 0],
    [picture.slice(0, 1000), 1000, "–"],
    [[...picture, 0], 1024, 0],
    ["not a list", 0, "n"],
  ])) {
    const verdict = judged([base64], [value]);
    assert.deepEqual(failed(verdict), ["!different"]);
    assert.deepEqual(verdict.checks[1].args, { size: 1024, place, expected: picture[place] ?? "–", seen });
  }
});

test("a WebSocket has brought it", () => {
  const recording = new Recording().socket(1, 0, "/play/oneway/ws").text(1, 10, "server", base64);
  const verdict = check({ capture: recording.capture, reports: reports("sse", [[20, "report", { value: picture }]]), controls });
  assert.deepEqual(failed(verdict), ["absent", "!early", "!only_sse"]);
});
