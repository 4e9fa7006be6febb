// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { textsOf } from "./answers.js";

test("pieces are cut where their bytes begin, and of very many the rest is in one", () => {
  const pieces = [0, 3, 9].map((start) => ({ start, range: { from: 0, to: 0 } }));
  assert.deepEqual(textsOf(/** @type {any} */ ({ text: "一二三x", pieces })), ["一", "二三", "x"]);
  const many = Array.from({ length: 3000 }, (_, start) => ({ start, range: { from: 0, to: 0 } }));
  const texts = textsOf(/** @type {any} */ ({ text: "a".repeat(3000), pieces: many }));
  assert.equal(texts.length, 2000);
  assert.equal(texts.join(""), "a".repeat(3000));
});
