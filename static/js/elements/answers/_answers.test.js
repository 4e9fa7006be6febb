// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { textsOf } from "./panel.js";
import { nearest } from "./rhythm.js";

test("pieces are cut where their bytes begin, and of very many the rest is in one", () => {
  const pieces = [0, 3, 9].map((start) => ({ at: "", start, range: { from: 0, to: 0 } }));
  assert.deepEqual(textsOf(/** @type {any} */ ({ text: "一二三x", pieces })), ["一", "二三", "x"]);
  const many = Array.from({ length: 3000 }, (_, start) => ({ at: "", start, range: { from: 0, to: 0 } }));
  const texts = textsOf(/** @type {any} */ ({ text: "a".repeat(3000), pieces: many }));
  assert.equal(texts.length, 2000);
  assert.equal(texts.join(""), "a".repeat(3000));
});

test("a press on a lane chooses the piece that is nearest in time", () => {
  assert.equal(nearest([100, 200, 1000], 140), 0);
  assert.equal(nearest([100, 200, 1000], 800), 2);
  assert.equal(nearest([], 5), -1);
});
