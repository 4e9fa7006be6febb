// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { keepMeasured, readMeasured } from "../lib/measured.js";

/** What a browser keeps. @type {Map<string, string>} */
const kept = new Map();
Object.assign(globalThis, {
  localStorage: {
    getItem: (/** @type {string} */ key) => kept.get(key) ?? null,
    setItem: (/** @type {string} */ key, /** @type {string} */ value) => kept.set(key, value),
  },
});

const side = { connect: { n: 20, min: 1, p50: 2, p90: 3, max: 4 }, bytes: { push: 64, text: { push: 50 } } };

test("what was measured is there for other lessons", () => {
  assert.equal(readMeasured(), undefined);
  const measured = { at: "2026-11-22T12:00:00.000Z", size: 32, protocol: "http/1.1", sse: side, ws: side };
  keepMeasured(measured);
  assert.deepEqual(readMeasured(), measured);
});

test("what something else has written there is nothing", () => {
  for (const text of ["7", "null", "{}", '{"sse":{}}', "not JSON"]) {
    kept.set("seewire/measured", text);
    assert.equal(readMeasured(), undefined, text);
  }
});
