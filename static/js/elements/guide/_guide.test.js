// @ts-check
import assert from "node:assert/strict";
import test from "node:test";
import { weigh } from "./weigh.js";

const effect = (/** @type {string} */ choice, /** @type {number} */ weight) => ({ choice, weight, item: /** @type {any} */ (undefined) });

test("the heaviest is first, and of two alike the simpler", () => {
  const order = (/** @type {ReturnType<typeof effect>[]} */ ...effects) => weigh(effects).map(({ choice, total }) => [choice, total]);
  assert.deepEqual(order(effect("websocket", 2), effect("fetch", 1), effect("websocket", -3)), [
    ["fetch", 1],
    ["poll", 0],
    ["eventsource", 0],
    ["websocket", -1],
  ]);
  assert.deepEqual(order(), [
    ["poll", 0],
    ["eventsource", 0],
    ["fetch", 0],
    ["websocket", 0],
  ]);
});

test("reasons come by their weight, whichever way they speak", () => {
  const [{ effects }] = weigh([effect("fetch", 1), effect("fetch", -2), effect("fetch", 9)]);
  assert.deepEqual(effects.map(({ weight }) => weight), [9, -2, 1]);
});
