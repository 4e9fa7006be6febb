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

test("a word has the form that goes with the number, in the language of the words", () => {
  const list = { events: "{n} {n|one:event|other:events}", ramki: "{n} {n|one:ramka|few:ramki|many:ramek|other:ramki}" };
  setWords({ ...list, "language.tag": "en" });
  assert.deepEqual([0, 1, 2, "1.5 M"].map((n) => word("events", { n })), ["0 events", "1 event", "2 events", "1.5 M events"]);
  assert.equal(word("events"), list.events);
  setWords({ ...list, "language.tag": "pl" });
  assert.deepEqual([1, 3, 25].map((n) => word("ramki", { n })), ["1 ramka", "3 ramki", "25 ramek"]);
  setWords({ ...list, "language.tag": "zh-CN" });
  assert.equal(word("events", { n: 1 }), "1 events", "a language without plurals has no form but other");
});
