// @ts-check
// Runs the client programs as they are, with a page that is hidden and shown by
// the test.

import assert from "node:assert/strict";
import { test } from "node:test";
import { connections, start } from "../../../static/js/_testing/program.js";

/** A page that a test hides and shows. */
class Page extends EventTarget {
  hidden = false;

  get visibilityState() {
    return this.hidden ? "hidden" : "visible";
  }

  /** @param {boolean} hidden */
  is(hidden) {
    this.hidden = hidden;
    this.dispatchEvent(new Event("visibilitychange"));
  }
}

for (const [file, name] of [["sse.js", "EventSource"], ["ws.js", "WebSocket"]]) {
  /** @param {string} hidden */
  function run(hidden) {
    const document = new Page();
    const Class = connections();
    const { logged } = start(new URL(file, import.meta.url), { document, controls: { hidden }, [name]: Class });
    return { document, all: Class.all, logged };
  }

  test(`${file} closes when hidden, and goes on after the last number`, () => {
    const { document, all } = run("close");
    assert.equal(new URL(all[0].url).searchParams.get("from"), "0");
    all[0].fire("message", { data: "7" });
    document.is(true);
    assert.deepEqual([all.length, all[0].readyState], [1, 2]);
    document.is(false);
    assert.deepEqual(all.map(({ url }) => new URL(url).searchParams.get("from")), ["0", "7"]);
  });

  test(`${file} has one connection where it was not told that the page was hidden`, () => {
    const { document, all } = run("close");
    all[0].fire("message", { data: "7" });
    document.is(false);
    assert.deepEqual(all.map(({ url, readyState }) => [new URL(url).searchParams.get("from"), readyState]), [["0", 2], ["7", 0]]);
  });

  test(`${file} leaves everything as it is`, () => {
    const { document, all, logged } = run("keep");
    document.is(true);
    document.is(false);
    assert.deepEqual([all.length, all[0].readyState], [1, 0]);
    assert.deepEqual(logged, ["hidden readyState 0", "visible readyState 0"]);
  });
}
