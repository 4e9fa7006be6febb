import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.HTMLElement ??= class {};
const { partAt } = await import("./way.js");

test("the part that is being read is the last whose heading is above the line", () => {
  assert.equal(partAt([500, 900, 1500], 320, false), -1);
  assert.equal(partAt([300, 900, 1500], 320, false), 0);
  assert.equal(partAt([-900, -20, 700], 320, false), 1);
});

test("at the end of the page the last part is being read, however short it is", () => {
  assert.equal(partAt([-900, -20, 700], 320, true), 2);
});
