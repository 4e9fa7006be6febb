// @ts-check
import assert from "node:assert/strict";
import test, { afterEach, beforeEach, mock } from "node:test";
import { Runner } from "./runner.js";

/** The server's end of each feed. @type {any[]} */
let feeds = [];
/** The frames that the page has, and has had. @type {any[]} */
let frames = [];
let page = new EventTarget();

beforeEach(() => {
  feeds = [];
  frames = [];
  page = new EventTarget();
  Object.assign(globalThis, {
    addEventListener: page.addEventListener.bind(page),
    removeEventListener: page.removeEventListener.bind(page),
    location: { href: "http://seewire.test/en/lessons/x" },
    WebSocket: class {
      static CONNECTING = 0;
      static OPEN = 1;
      readyState = 0;
      constructor() {
        feeds.push(this);
      }
      /** @param {string} text the page's time */
      send(text) {
        const { clock } = JSON.parse(text);
        queueMicrotask(() => /** @type {any} */ (this).onmessage({ data: JSON.stringify({ clock, server: clock }) }));
      }
      close() {}
    },
    document: {
      createElement: () =>
        Object.assign(new EventTarget(), {
          contentWindow: { postMessage() {} },
          setAttribute() {},
          remove() {},
        }),
    },
  });
  mock.timers.enable({ apis: ["setTimeout"] });
});
afterEach(() => mock.timers.reset());

const connects = () => {
  feeds.at(-1).readyState = 1;
  feeds.at(-1).onopen();
};
const refuses = () => {
  feeds.at(-1).readyState = 3;
  feeds.at(-1).onclose({ code: 1006 });
};
const frameIsReady = () => {
  page.dispatchEvent(Object.assign(new Event("message"), { source: frames.at(-1).contentWindow, data: "ready" }));
};
/** The browser's own page, about an error, loads too. */
const frameLoads = () => frames.at(-1).dispatchEvent(new Event("load"));
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A run that has begun, and what the page says of it. @param {string | null} [origin] of the frame */
function started(origin) {
  const runner = new Runner(/** @type {any} */ ({ append: (/** @type {any} */ frame) => frames.push(frame) }), "frame");
  runner.run([{ side: "sse", code: "", setting: () => ({}) }], { origin });
  return { runner, said: () => (runner.state === "ended" ? runner.reason : runner.late ? "late" : runner.state) };
}

test("a feed that is slow to connect is waited for, and the page says so", async () => {
  const { runner, said } = started();
  frameIsReady();
  mock.timers.tick(4999);
  assert.equal(said(), "starting");
  mock.timers.tick(1);
  assert.equal(said(), "late");
  mock.timers.tick(60_000);
  await settled();
  assert.equal(said(), "late", "the server may still answer");
  connects();
  await settled();
  assert.equal(said(), "running");
  mock.timers.tick(60_000);
  assert.equal(said(), "running");
  runner.stop();
});

test("so is a frame that is slow to load", async () => {
  const { runner, said } = started();
  connects();
  mock.timers.tick(60_000);
  await settled();
  assert.equal(said(), "late");
  frameIsReady();
  frameLoads();
  await settled();
  assert.equal(said(), "running");
  runner.stop();
});

test("a server that refuses connections is gone", async () => {
  const { said } = started();
  refuses();
  while (said() === "starting" || said() === "late") {
    mock.timers.tick(500);
    if (feeds.at(-1).readyState === 0) refuses();
    await settled();
  }
  assert.equal(said(), "gone");
});

test("a wait can be stopped, and the next run waits for the same server", async () => {
  const { runner, said } = started();
  frameIsReady();
  mock.timers.tick(6000);
  runner.stop();
  assert.equal(said(), "stopped");
  runner.run([{ side: "sse", code: "", setting: () => ({}) }]);
  assert.equal(said(), "starting");
  mock.timers.tick(4999);
  assert.equal(said(), "starting", "the time of the run that was stopped does not count");
  connects();
  await settled();
  assert.equal(said(), "running");
  runner.stop();
});

for (const [name, origin, reason] of /** @type {const} */ ([
  ["another origin that has no server", "http://elsewhere.test", "frame"],
  ["this server's frame that could not be loaded", undefined, "gone"],
])) {
  test(`${name}: the run ends, and the next one loads it again`, async () => {
    const { runner, said } = started(origin);
    connects();
    await settled();
    frameLoads();
    mock.timers.tick(5000);
    await settled();
    assert.equal(said(), reason);

    runner.run([{ side: "sse", code: "", setting: () => ({}) }], { origin });
    assert.equal(frames.length, 2);
    frameIsReady();
    frameLoads();
    await settled();
    assert.equal(said(), "running");
    runner.stop();
  });
}

test("who leaves a run follows it no more, and a run that follows begins anew", async () => {
  const { runner, said } = started();
  connects();
  frameIsReady();
  await settled();
  let closed = 0;
  feeds.at(-1).close = () => closed++;
  runner.leave();
  assert.deepEqual([said(), runner.feed, closed], ["stopped", "", 1]);

  runner.run([{ side: "sse", code: "", setting: () => ({}) }]);
  connects();
  await settled();
  assert.equal(said(), "running");
  runner.stop();
});
