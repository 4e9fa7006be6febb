// @ts-check
import assert from "node:assert/strict";
import test, { afterEach, beforeEach, mock } from "node:test";
import { Throttle } from "./throttle.js";

/** How long it is from one frame to the next, in ms. */
const FRAME = 16;

// Time passes only where a test lets it, and never goes back: no two frames of
// the file have the same time.
let clock = 0;

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout"] });
  mock.method(performance, "now", () => clock);
  globalThis.requestAnimationFrame = (/** @type {any} */ draw) => /** @type {any} */ (setTimeout(() => draw(clock), FRAME - (clock % FRAME)));
  globalThis.cancelAnimationFrame = (/** @type {any} */ id) => clearTimeout(id);
});

afterEach(() => {
  mock.timers.reset();
  mock.restoreAll();
});

/** Lets so many milliseconds pass. @param {number} ms */
function pass(ms) {
  for (; ms > 0; ms--) {
    clock++;
    mock.timers.tick(1);
  }
}

test("what asks for a picture before it is drawn gets one picture", () => {
  let drawn = 0;
  const throttle = new Throttle(() => drawn++, 0);
  for (let i = 0; i < 5; i++) throttle.schedule();
  assert.equal(drawn, 0, "not at once");
  pass(10 * FRAME);
  assert.equal(drawn, 1);
});

test("two don't draw in the same frame", () => {
  /** @type {number[]} */
  const drawn = [];
  const throttles = [1, 2].map(() => new Throttle(() => drawn.push(clock), 0));
  for (const throttle of throttles) throttle.schedule();
  pass(10 * FRAME);
  assert.equal(drawn.length, 2);
  assert.equal(drawn[1] - drawn[0], FRAME);
});

test("what takes long is drawn seldom", () => {
  const cost = 20;
  /** @type {number[]} */
  const begun = [];
  const throttle = new Throttle(() => {
    begun.push(clock);
    clock += cost;
  }, 0);
  for (let i = 0; i < 1000; i++) {
    throttle.schedule();
    pass(1);
  }
  assert.ok(begun.length > 2, "it is drawn again");
  const pauses = begun.slice(1).map((time, i) => time - (begun[i] + cost));
  assert.ok(Math.min(...pauses) >= 5 * cost, `a page has five times as long for all else: ${pauses}`);
});

test("what took very long on a busy machine is drawn again a second later", () => {
  /** @type {number[]} */
  const begun = [];
  const throttle = new Throttle(() => {
    begun.push(clock);
    clock += begun.length === 1 ? 3000 : 1;
  }, 0);
  throttle.now();
  throttle.schedule();
  pass(1000 + 2 * FRAME);
  assert.equal(begun.length, 2);
});

test("cancelled, it draws no more", () => {
  let drawn = 0;
  const throttle = new Throttle(() => drawn++, 0);
  throttle.schedule();
  throttle.cancel();
  pass(10 * FRAME);
  assert.equal(drawn, 0);
});

test("what somebody waits for is drawn in the next frame, however long it took before", () => {
  /** @type {number[]} */
  const begun = [];
  const throttle = new Throttle(
    () => {
      begun.push(clock);
      clock += 5;
    },
    0,
    0,
  );
  for (let i = 0; i < 3; i++) {
    throttle.schedule();
    pass(2 * FRAME);
  }
  assert.equal(begun.length, 3);
});
