// @ts-check
import assert from "node:assert/strict";
import test from "node:test";
import { Pace } from "../lib/pace.js";

globalThis.requestAnimationFrame ??= (/** @type {any} */ draw) => /** @type {any} */ (setTimeout(() => draw(performance.now()), 0));
globalThis.cancelAnimationFrame ??= (/** @type {any} */ id) => clearTimeout(id);

const pause = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));

test("what asks for a picture before it is drawn gets one picture", async () => {
  let drawn = 0;
  const pace = new Pace(() => drawn++, 0);
  for (let i = 0; i < 5; i++) pace.plan();
  assert.equal(drawn, 0, "not at once");
  await pause(30);
  assert.equal(drawn, 1);
});

test("two don't draw in the same frame", async (t) => {
  /** @type {((time: number) => void)[]} */
  let asked = [];
  t.mock.method(globalThis, "requestAnimationFrame", (/** @type {any} */ draw) => asked.push(draw));
  const frame = (/** @type {number} */ time) => asked.splice(0).forEach((draw) => draw(time));
  let drawn = 0;
  const paces = [1, 2].map(() => new Pace(() => drawn++, 0));
  for (const pace of paces) pace.plan();
  while (asked.length < 2) await pause(1);
  frame(16);
  assert.equal(drawn, 1);
  frame(32);
  assert.equal(drawn, 2);
});

test("what takes long is drawn seldom", async () => {
  let drawn = 0;
  const pace = new Pace(() => {
    drawn++;
    for (const begun = performance.now(); performance.now() - begun < 20;);
  }, 0);
  pace.now();
  const begun = performance.now();
  while (drawn < 3) {
    pace.plan();
    await pause(1);
  }
  assert.ok(performance.now() - begun > 2 * 20 * 5, "a page has five times as long for all else");
});

test("cancelled, it draws no more", async () => {
  let drawn = 0;
  const pace = new Pace(() => drawn++, 0);
  pace.plan();
  pace.cancel();
  await pause(30);
  assert.equal(drawn, 0);
});
