// @ts-check
import assert from "node:assert/strict";
import test from "node:test";
import { Facts } from "./facts.js";
import { place, stack, stepped, ticks, wrap } from "./labels.js";
import { Capture } from "../../lib/capture.js";
import * as make from "../../_testing/documents.js";

/** @param {any[]} frames @param {any[]} reports */
function factsOf(frames, reports) {
  const capture = new Capture();
  capture.apply(make.document([], frames));
  const facts = new Facts(capture);
  facts.update(reports);
  return facts;
}

/** @param {string} side @param {number} at @param {string} data @param {string} [lastEventId] */
const message = (side, at, data, lastEventId) => ({ side, kind: "message", at, type: "message", data, lastEventId });
const landed = (/** @type {any} */ facts) =>
  facts.points
    .filter((/** @type {any} */ point) => point.kind === "event")
    .map((/** @type {any} */ point) => point.other);

test("an event leads to the moment when the code got it", () => {
  const frames = [
    make.request(1, 0, "text/event-stream"),
    make.chunkedHead(1, 1),
    ...make.eventChunk(1, 2, 12, "1"),
    ...make.eventChunk(1, 3, 32, "2"),
    make.textFrame(2, 2, 0, "1"),
    make.textFrame(2, 3, 3, "2"),
  ];
  const facts = factsOf(frames, [message("sse", 105, "1", "1"), message("ws", 106, "1"), message("ws", 107, "2")]);
  assert.deepEqual(landed(facts.sse), [105, undefined]);
  assert.deepEqual(landed(facts.ws), [106, 107]);
});

test("a report may come before its frame", () => {
  const capture = new Capture();
  const facts = new Facts(capture);
  const reports = [message("ws", 106, "1")];
  facts.update(reports);
  capture.apply(make.document([], [make.textFrame(2, 2, 0, "1")]));
  facts.update(reports);
  assert.deepEqual(landed(facts.ws), [106]);
});

test("an event that the code didn't get, like one with a name that nobody listens to, holds up no other", () => {
  const frames = ["1", "2", "3"].map((text, i) => make.textFrame(2, i, 3 * i, text));
  assert.deepEqual(landed(factsOf(frames, [message("ws", 5, "1"), message("ws", 6, "3")]).ws), [5, undefined, 6]);
});

test("what fetch reads is brought together by bytes", () => {
  const frames = [
    make.request(1, 0, "*/*", "POST"),
    make.chunkedHead(1, 1),
    ...make.eventChunk(1, 2, 12, "1"), // 15 bytes of body each
    ...make.eventChunk(1, 3, 32, "2"),
    ...make.eventChunk(1, 4, 52, "3"),
  ];
  const reports = [
    { side: "sse", kind: "send", at: 90, data: "{}" },
    { side: "sse", kind: "fetch", at: 99, status: 200 },
    { side: "sse", kind: "read", at: 100, bytes: 20 },
    { side: "sse", kind: "read", at: 101, bytes: 10 },
  ];
  const facts = factsOf(frames, reports);
  assert.deepEqual(landed(facts.sse), [100, 101, undefined]);
  assert.equal(facts.sse.points[0].other, 90, "the POST left when it was sent");
});

test("a capture that starts over needs new facts", () => {
  const capture = new Capture();
  const facts = new Facts(capture);
  facts.update([{ side: "sse", kind: "open", at: 1 }]);
  assert.equal(facts.continues(capture, []), false, "reports of another run");
  assert.equal(facts.continues(capture, [{}, {}]), true);
  capture.clear();
  assert.equal(facts.continues(capture, [{}, {}]), false);
});

const tenEach = (/** @type {string} */ text) => 10 * text.length;

test("lines break between words, and between Chinese characters but not before a closing mark", () => {
  assert.deepEqual(wrap("the browser waits", 120, tenEach), ["the browser", "waits"]);
  assert.deepEqual(wrap("浏览器在等，然后重连", 50, tenEach), ["浏览器在", "等，然后重", "连"]);
  assert.deepEqual(wrap("浏览器对一个主机只开这么多", 120, tenEach), ["浏览器对一个主机只开", "这么多"]); // and not "多" alone
  assert.deepEqual(wrap("unbreakable", 50, tenEach), ["unbre", "akabl", "e"]);
  assert.deepEqual(wrap("代替 ping：不回", 70, tenEach), ["代替", "ping：不回"]);
});

test("no label covers another, or a line that leads to one", () => {
  // A small generator, so that a failure can be seen again.
  let seed = 7;
  const random = (/** @type {number} */ most) => (seed = (seed * 16807) % 2147483647) % most;
  for (let round = 0; round < 200; round++) {
    const labels = Array.from({ length: 1 + random(9) }, () => ({
      x: random(600),
      width: 40 + random(250),
      tone: ["trouble", "good", "note"][random(3)],
      cut: random(2) === 0,
    }));
    const placed = place(labels, 620, 2);
    for (const a of placed) {
      assert.ok(a.left >= 0 && a.left + a.label.width <= 620);
      assert.ok(a.row < 2);
      for (const b of placed) {
        if (a === b) continue;
        const sameColumn = a.left < b.left + b.label.width && b.left < a.left + a.label.width;
        assert.ok(a.row !== b.row || !sameColumn, "two labels at one place");
        const crossed = b.row < a.row && b.left + 4 < a.label.x && a.label.x < b.left + b.label.width - 4;
        assert.ok(!crossed, "a line through a label");
      }
    }
  }
});

test("where there is room for one only, it is that of trouble", () => {
  const label = (/** @type {number} */ x, /** @type {string} */ tone) => ({ x, width: 500, tone });
  assert.deepEqual(place([label(100, "note"), label(110, "trouble"), label(105, "good")], 620, 1).map(({ label }) => label.tone), ["trouble"]);
});

test("a finding is never left out, and two of nearly one moment stand one over the other", () => {
  const finding = (/** @type {number} */ x, /** @type {number} */ width) => ({ x, width, tone: "note", stays: true });
  const near = place([finding(100, 200), finding(101, 200)], 620, 2);
  assert.deepEqual(near.map(({ left, row }) => [left, row]), [[100, 0], [101, 1]]);

  // Near the end of the lane, where each has to end at its place, from the left on.
  const late = [finding(610, 300), finding(560, 300), finding(585, 300)];
  assert.deepEqual(
    place(late, 620, 3).map(({ label, left, row }) => [label.x, left, row]),
    [[560, 260, 0], [585, 285, 1], [610, 310, 2]],
  );

  const all = Array.from({ length: 9 }, (_, i) => finding(300 + i, 250));
  const placed = place(all, 620, 4);
  assert.equal(placed.length, 9);
  assert.equal(new Set(placed.map(({ row }) => row)).size, 9);
  assert.equal(place([{ ...finding(300, 250), lines: 2 }, finding(300, 250)], 620, 4)[1].row, 2);
});

test("a label that says how something ended stands before its place", () => {
  const one = { x: 300, width: 100, tone: "trouble" };
  assert.equal(place([one], 620, 2)[0].left, 300);
  assert.equal(place([{ ...one, cut: true }], 620, 2)[0].left, 200);
});

test("words one under the other leave out what has no room, and never what has to stay", () => {
  const line = (/** @type {number} */ at, /** @type {boolean} */ optional) => ({ at, height: 16, optional });
  const labels = [line(0, true), line(4, true), line(5, false), line(6, false), line(100, true)];
  assert.deepEqual(
    stack(labels, 30).map(({ label, top }) => [labels.indexOf(label), top]),
    [[2, 5], [3, 21], [4, 100]],
  );
});

test("the axis has round times", () => {
  assert.deepEqual(ticks(4000, 5), [0, 1000, 2000, 3000, 4000]);
  assert.deepEqual(ticks(120_000, 8), [0, 20_000, 40_000, 60_000, 80_000, 100_000, 120_000]);
});

test("while a run goes on the scale grows in steps", () => {
  assert.deepEqual([0, 1800, 1950, 9600, 130_000].map(stepped), [2000, 2000, 4000, 16_000, 180_000]);
});
