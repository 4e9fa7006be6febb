// @ts-check
// Runs the sandbox's script with stand-ins for what a browser has in a frame.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mock, test } from "node:test";
import vm from "node:vm";

const script = readFileSync(new URL("./sandbox.js", import.meta.url), "utf8");

/** A frame in which programs are started. @param {object} [controls] */
function frame(controls = {}) {
  const target = new EventTarget();
  const parent = { postMessage() {} };
  /** @type {any[]} */
  const workers = [];
  /** What the page gets. @type {any[]} */
  const received = [];
  class Worker {
    /** What it was told, but for the question whether it is alive. @type {string[]} */
    told = [];

    constructor() {
      workers.push(this);
    }

    /** @param {string} message */
    postMessage(message) {
      if (message !== "ping") this.told.push(message);
    }

    terminated = false;
    terminate() {
      this.terminated = true;
    }

    answer() {
      /** @type {any} */ (this).onmessage({ data: "pong" });
    }

    ask() {
      /** @type {any} */ (this).onmessage({ data: "turn" });
    }

    end() {
      /** @type {any} */ (this).onmessage({ data: { reports: [], ended: true } });
    }

    isReady() {
      /** @type {any} */ (this).onmessage({ data: "ready" });
    }
  }
  const document = Object.assign(new EventTarget(), { hidden: false });
  const context = vm.createContext({
    document,
    URL: class extends URL {
      static createObjectURL = () => "blob:null/program";
      static revokeObjectURL() {}
    },
    prelude() {},
    Date: { now: () => 0 },
    ...{ Blob, Worker, parent, setTimeout, setInterval, clearInterval, Math },
    addEventListener: target.addEventListener.bind(target),
  });
  vm.runInContext(script, context);
  const start = (/** @type {number} */ count) => {
    const event = Object.assign(new Event("message"), {
      source: parent,
      data: { programs: Array(count).fill({ code: "", setting: { controls } }), behind: 0 },
      ports: Array.from({ length: count }, () => ({ postMessage: (/** @type {any} */ data) => received.push(data), close() {} })),
    });
    target.dispatchEvent(event);
    return workers.slice(-count);
  };
  return {
    /** @returns {Worker} */
    start: () => start(1)[0],
    /** @type {(count: number) => Worker[]} */
    together: start,
    workers,
    received,
    document,
  };
}

test.beforeEach(() => mock.timers.enable({ apis: ["setTimeout", "setInterval"] }));
test.afterEach(() => mock.timers.reset());

test("two programs take turns, and chance says who begins", () => {
  const first = new Set();
  for (let i = 0; i < 40; i++) {
    const { start } = frame();
    const [a, b] = [start(), start()];
    a.ask();
    assert.deepEqual(a.told, [], "the other may ask yet");
    b.ask();
    mock.timers.tick(50);
    assert.equal(a.told.length + b.told.length, 1, "one at a time");
    let [now, other] = a.told.length > 0 ? [a, b] : [b, a];
    first.add(now === a);
    for (let turn = 0; turn < 4; turn++) {
      const before = [now.told.length, other.told.length];
      now.ask();
      assert.deepEqual([now.told.length, other.told.length], [before[0], before[1] + 1]);
      [now, other] = [other, now];
    }
  }
  assert.equal(first.size, 2);
});

test("of more than two each has its turn before one has a second", () => {
  const { start } = frame();
  const all = [start(), start(), start()];
  for (const worker of all) worker.ask();
  mock.timers.tick(50);
  /** @type {number | undefined} who has the turn */
  let now;
  const counts = () => all.map(({ told }) => told.length);
  for (let turn = 1; turn < 9; turn++) {
    assert.deepEqual(counts().toSorted(), [0, 1, 2].map((i) => Math.floor((turn + i) / 3)));
    const before = counts();
    now ??= before.indexOf(1);
    all[now].ask();
    now = counts().findIndex((count, i) => count > before[i]);
  }
});

test("whoever is alone has every turn", () => {
  const worker = frame().start();
  worker.ask();
  mock.timers.tick(50);
  worker.ask();
  worker.ask();
  assert.equal(worker.told.length, 3);
});

test("a program that ends gives its turn away, or its place", () => {
  const { start } = frame();
  const [a, b, c] = [start(), start(), start()];
  a.ask();
  mock.timers.tick(50);
  b.ask();
  b.end();
  c.ask();
  mock.timers.tick(50);
  assert.deepEqual([a.told.length, b.told.length, c.told.length], [1, 0, 0]);
  a.end();
  assert.equal(c.told.length, 1);
});

/** Lets promises come to pass. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

test("programs begin together, when all are ready", async () => {
  const [a, b] = frame().together(2);
  a.isReady();
  await settled();
  assert.deepEqual([a.told, b.told], [[], []]);
  b.isReady();
  await settled();
  assert.deepEqual([a.told, b.told], [["go"], ["go"]]);
});

test("a program that can't be read holds up no other", async () => {
  const [a, b] = frame().together(2);
  a.isReady();
  b.end();
  await settled();
  assert.deepEqual([a.told, b.told], [["go"], []]);
});

test("a program is watched from when it begins", async () => {
  const [a, b] = frame().together(2);
  a.isReady();
  mock.timers.tick(60_000); // a busy machine
  b.isReady();
  await settled();
  assert.deepEqual([a.told, b.told], [["go"], ["go"]]);
});

test("a program that does not answer is in an endless loop when a pacer has had its time", async () => {
  const { start, workers, received } = frame();
  const program = start();
  program.isReady();
  await settled();
  for (let second = 0; second < 10; second++) {
    mock.timers.tick(1000);
    program.answer();
  }
  assert.equal(workers.length, 1, "it answers");

  mock.timers.tick(3000);
  assert.equal(workers.length, 2, "a pacer");
  mock.timers.tick(60_000); // a busy machine
  assert.deepEqual([workers.length, received.length], [2, 0]);
  program.answer();
  assert.ok(workers[1].terminated, "it was only busy");

  mock.timers.tick(3000);
  workers[2].onmessage({ data: 1 });
  const reports = structuredClone(received[0].reports); // from the frame's realm
  assert.deepEqual(reports, [{ at: 0, kind: "throw", code: "endless", seconds: 5 }, { at: 0, kind: "end" }]);
  assert.ok(program.terminated && workers[2].terminated);
});

test("a page is left and comes back as the controls say", async () => {
  const { together } = frame({ away: "frozen", after: 3000, gone: 4000, moments: "fixed" });
  const [a, b] = together(2);
  a.isReady();
  b.isReady();
  await settled();
  const told = JSON.stringify([
    "go",
    { type: "visibilitychange", hidden: true, after: 3000 },
    { type: "freeze", hidden: true, after: 4000, hold: 3000 },
    { type: "visibilitychange", hidden: false, after: 7000 },
  ]);
  assert.deepEqual([JSON.stringify(a.told), JSON.stringify(b.told)], [told, told]);

  const surprise = frame({ away: "frozen", after: 3000, gone: 4000, moments: "surprise" }).start();
  surprise.isReady();
  await settled();
  const moments = /** @type {any[]} */ (surprise.told.slice(1));
  assert.deepEqual(moments.map(({ type }) => type), ["visibilitychange", "freeze", "visibilitychange", "visibilitychange", "freeze", "visibilitychange"]);
  moments.forEach(({ after }, i) => assert.ok(i === 0 || after > moments[i - 1].after));
  for (const { hold } of [moments[1], moments[4]]) assert.ok(hold >= 1000 && hold <= 3000);
});

test("what really happens to the page is passed on where nothing is acted out, and only there", async () => {
  for (const [away, count] of /** @type {[string | undefined, number][]} */ ([["you", 2], [undefined, 0]])) {
    const { start, document } = frame({ away });
    const worker = start();
    worker.isReady();
    await settled();
    document.hidden = true;
    document.dispatchEvent(new Event("visibilitychange"));
    document.dispatchEvent(new Event("freeze"));
    assert.deepEqual(worker.told.slice(1).map((/** @type {any} */ { type, hidden }) => [type, hidden]), [["visibilitychange", true], ["freeze", true]].slice(0, count));
  }
});
