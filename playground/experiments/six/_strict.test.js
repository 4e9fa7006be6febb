// @ts-check
// What the lesson says of React in development: an effect without a cleanup holds two streams.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";

const modules = `${process.env.SEEWIRE_NPM}/node_modules/`;
const skip = !existsSync(`${modules}react-test-renderer`) && "no React: npm install --prefix DIR react react-test-renderer, and set SEEWIRE_NPM to DIR";

/**
 * How many streams a component holds when it is on the page.
 * @param {boolean} strict in Strict Mode
 * @param {boolean} closes whether its effect returns a function that closes the stream
 */
async function held(strict, closes) {
  const from = createRequire(modules);
  const { StrictMode, act, createElement, useEffect } = from("react");
  const { create } = from("react-test-renderer");
  let open = 0;
  function Prices() {
    useEffect(() => {
      open++; // new EventSource("/prices")
      return closes ? () => void open-- : undefined;
    }, []);
    return null;
  }
  const prices = createElement(Prices);
  await act(async () => create(strict ? createElement(StrictMode, null, prices) : prices));
  return open;
}

test("in Strict Mode an effect that does not close its stream holds two", { skip }, async (t) => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
  t.mock.method(console, "error", () => {}); // its renderer for tests says that it is deprecated
  assert.equal(await held(false, false), 1);
  assert.equal(await held(true, false), 2);
  assert.equal(await held(true, true), 1);
});
