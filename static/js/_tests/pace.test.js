// @ts-check
import assert from "node:assert/strict";
import test from "node:test";
import { Pace } from "../lib/pace.js";

// Frames every 10 ms, which as in a browser are one for all that asked until then.
const frame = () => Math.ceil((performance.now() + 0.001) / 10) * 10;
globalThis.requestAnimationFrame ??= (/** @type {any} */ draw) => {
  const time = frame();
  return /** @type {any} */ (setTimeout(() => draw(time), time - performance.now()));
};
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

test("two don't draw in the same frame", async () => {
  /** @type {number[]} */
  const drawn = [];
  const paces = [1, 2].map(() => new Pace(() => drawn.push(frame()), 0));
  for (const pace of paces) pace.plan();
  await pause(60);
  assert.equal(drawn.length, 2);
  assert.notEqual(drawn[0], drawn[1]);
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
