// @ts-check
// Runs tab.js in several tabs of one browser, made by hand.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mock, test } from "node:test";
import { connections } from "../../../static/js/_testing/program.js";

const source = readFileSync(new URL("./tab.js", import.meta.url), "utf8").replace("export function", "return function");

/** What the tabs of a browser share: locks, channels, and a server that each stream asks. */
function browser() {
  const EventSource = connections();
  /** @type {{signal: AbortSignal, run: () => Promise<void>, refuse: (error: unknown) => void}[]} */
  const line = [];
  let held = false;
  const serve = async () => {
    const next = held ? undefined : line.shift();
    if (!next) return;
    held = true;
    await next.run();
    held = false;
    serve();
  };
  const locks = {
    /** @param {string} _ @param {{signal: AbortSignal}} options @param {() => Promise<void>} run */
    request: (_, { signal }, run) =>
      new Promise((resolve, refuse) => {
        const place = { signal, run: () => run().then(() => resolve(undefined)), refuse };
        line.push(place);
        signal.addEventListener("abort", () => {
          if (line.includes(place)) line.splice(line.indexOf(place), 1);
          refuse(signal.reason);
        });
        serve();
      }),
  };
  /** @type {Set<any>} */
  const channels = new Set();
  class BroadcastChannel {
    onmessage = (/** @type {object} */ _) => {};
    constructor() {
      channels.add(this);
    }
    /** @param {unknown} data */
    postMessage(data) {
      for (const channel of channels) if (channel !== this) channel.onmessage({ data });
    }
    close() {
      channels.delete(this);
    }
  }
  return {
    EventSource,
    line,
    channels,
    /** Opens a tab. */
    tab() {
      const page = new EventTarget();
      /** @type {number[]} */
      const numbers = [];
      const seen = { numbers, leads: false };
      const share = new Function("navigator", "BroadcastChannel", "EventSource", "addEventListener", source)(
        { locks },
        BroadcastChannel,
        EventSource,
        page.addEventListener.bind(page),
      );
      share("/stream?total=9", {
        received: (/** @type {number} */ number) => numbers.push(number),
        leading: (/** @type {boolean} */ is) => (seen.leads = is),
      });
      /** @param {string} type @param {boolean} persisted */
      const fire = (type, persisted) => page.dispatchEvent(Object.assign(new Event(type), { persisted }));
      return Object.assign(seen, { hide: () => fire("pagehide", true), show: () => fire("pageshow", true) });
    },
  };
}

const soon = () => new Promise((resolve) => setImmediate(resolve));

test.beforeEach(() => mock.timers.enable({ apis: ["setTimeout"] }));
test.afterEach(() => mock.timers.reset());

test("one tab holds the stream, and the next goes on where it was", async () => {
  const { EventSource, tab } = browser();
  const [a, b] = [tab(), tab()];
  await soon();
  assert.deepEqual([a.leads, b.leads, EventSource.all.length], [true, false, 1]);
  EventSource.all[0].fire("message", { data: "1" });
  EventSource.all[0].fire("message", { data: "2" });
  a.hide();
  await soon();
  assert.deepEqual([a.leads, b.leads], [false, true]);
  assert.equal(EventSource.all[0].readyState, 2);
  assert.match(EventSource.all[1].url, /&from=2$/);
  EventSource.all[1].fire("message", { data: "3" });
  assert.deepEqual([a.numbers, b.numbers], [[1, 2], [1, 2, 3]]);
});

test("a stream that was refused is asked for again, later each time", async () => {
  const { EventSource, tab } = browser();
  const [a, b] = [tab(), tab()];
  await soon();
  EventSource.all[0].fire("message", { data: "1" });
  EventSource.all[0].fire("error"); // a drop, which it mends itself
  mock.timers.tick(60_000);
  assert.equal(EventSource.all.length, 1);
  for (const [i, longest] of [1000, 2000, 4000].entries()) {
    const stream = EventSource.all[i];
    stream.readyState = 2;
    stream.fire("error");
    mock.timers.tick(longest);
    assert.equal(EventSource.all.length, i + 2);
    assert.match(EventSource.all[i + 1].url, /&from=1$/);
  }
  EventSource.all[3].fire("message", { data: "2" });
  assert.deepEqual([a.numbers, b.numbers], [[1, 2], [1, 2]]);
});

test("a tab that is left asks for nothing more", async () => {
  const { EventSource, tab } = browser();
  const a = tab();
  await soon();
  EventSource.all[0].readyState = 2;
  EventSource.all[0].fire("error");
  a.hide();
  mock.timers.tick(60_000);
  assert.equal(EventSource.all.length, 1);
});

test("a tab that the back button brings back stands in line again", async () => {
  const { EventSource, line, channels, tab } = browser();
  const [a, b] = [tab(), tab()];
  await soon();
  b.hide();
  await soon();
  assert.deepEqual([line.length, channels.size], [0, 1]);
  EventSource.all[0].fire("message", { data: "1" });
  b.show();
  EventSource.all[0].fire("message", { data: "2" });
  a.hide();
  a.show();
  await soon();
  assert.deepEqual([a.leads, b.leads, line.length], [false, true, 1]);
  EventSource.all[1].fire("message", { data: "2" }); // once more
  EventSource.all[1].fire("message", { data: "3" });
  assert.deepEqual([a.numbers, b.numbers], [[1, 2, 3], [2, 3]]);
});
