// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { hasWord, setWords, word } from "./words.js";

test("placeholders are filled, and what is missing can be seen", () => {
  setWords({ "finding.gap": "{ms} ms, twice {ms}, {nobody}" });
  assert.equal(word("finding.gap", { ms: 1009 }), "1009 ms, twice 1009, {nobody}");
  assert.equal(word("no.such.word"), "no.such.word");
  assert.equal(hasWord("finding.gap"), true);
  assert.equal(hasWord("no.such.word"), false);
});

test("a value that looks like a placeholder stays as it is", () => {
  setWords({ said: "{a} {b}" });
  assert.equal(word("said", { a: "{b}", b: "$&" }), "{b} $&");
});
