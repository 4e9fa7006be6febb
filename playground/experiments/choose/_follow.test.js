// @ts-check
// Runs the clients with stand-ins for what a browser has, and asks of both the
// same: what a program that is copied from here should do.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mock, test } from "node:test";
import vm from "node:vm";

const beat = 100; // ms

/** An EventSource or a WebSocket, and how the test makes things happen to it. */
class Connection extends EventTarget {
  static CLOSED = 2;
  readyState = 1;
  closed = false;
  /** @type {any} */ onmessage;
  /** @type {any} */ onerror;
  /** @type {any} */ onclose;

  /** @param {URL} address */
  constructor(address) {
    super();
    this.address = address;
  }

  close() {
    this.closed = true;
  }
}

/** What differs between the sides: how the server says what. */
const sides = {
  sse: {
    /** @param {Connection} c */
    beat: (c) => c.dispatchEvent(new Event("beat")),
    /** @param {Connection} c */
    end: (c) => c.dispatchEvent(new Event("end")),
    /** The connection is gone for good, with this status next. @param {Connection} c */
    lost(c) {
      c.readyState = 2;
      c.onerror();
    },
  },
  ws: {
    /** @param {Connection} c */
    beat: (c) => c.onmessage({ data: '{"beat":true}' }),
    /** @param {Connection} c */
    end: (c) => c.onclose({ code: 1000 }),
    /** @param {Connection} c */
    lost: (c) => c.onclose({ code: 1006 }),
  },
};

/** @param {"sse" | "ws"} side */
function start(side) {
  /** @type {Connection[]} */
  const connections = [];
  /** @type {any[]} */
  const logged = [];
  const status = { next: 502 };
  class Recorded extends Connection {
    /** @param {URL} address */
    constructor(address) {
      super(address);
      connections.push(this);
    }
  }
  const text = readFileSync(new URL(`./${side}.js`, import.meta.url), "utf8").replace(/\nfollow\(/, "\nglobalThis.stop = follow(");
  /** @type {any} */
  const self = {
    ...{ URL, AbortSignal, setTimeout, clearTimeout },
    Math: Object.assign(Object.create(Math), { random: () => 0.5, min: Math.min }),
    ...{ EventSource: Recorded, WebSocket: Recorded, url: `http://here/${side}?lines=3`, controls: { beat } },
    fetch: async () => ({ status: status.next }),
    log: (/** @type {any[]} */ ...values) => logged.push(values.join(" ")),
  };
  vm.runInContext(text, vm.createContext(self));
  const line = (/** @type {number} */ n) => connections.at(-1)?.onmessage({ data: JSON.stringify({ line: n, of: 3, text: "ok" }) });
  return { connections, logged, status, line, last: () => /** @type {Connection} */ (connections.at(-1)), stop: () => self.stop() };
}

/** Lets milliseconds come to pass, and promises. @param {number} ms */
async function pass(ms) {
  mock.timers.tick(ms);
  for (let i = 0; i < 5; i++) await Promise.resolve();
}

test.beforeEach(() => mock.timers.enable({ apis: ["setTimeout"] }));
test.afterEach(() => mock.timers.reset());

for (const side of /** @type {const} */ (["sse", "ws"])) {
  const { beat: beats, end, lost } = sides[side];

  test(`${side}: after a loss it goes on with the line after the last, and waits longer each time`, async () => {
    const run = start(side);
    run.line(1);
    for (const wait of [250, 500, 1000, 2000, 4000, 8000, 15_000, 15_000]) {
      lost(run.last());
      const before = run.connections.length;
      await pass(0);
      await pass(wait - 1);
      assert.equal(run.connections.length, before, `before ${wait} ms`);
      await pass(1);
      assert.equal(run.connections.length, before + 1, `after ${wait} ms`);
      assert.equal(run.last().address.searchParams.get("from"), "1");
    }
  });

  test(`${side}: a heartbeat is a sign of life, for the watchdog and for the wait`, async () => {
    const run = start(side);
    for (let i = 0; i < 3; i++) {
      lost(run.last());
      await pass(0);
      await pass(60_000);
    }
    beats(run.last());
    await pass(3 * beat - 1);
    beats(run.last());
    await pass(3 * beat - 1);
    assert.equal(run.last().closed, false);
    const before = run.connections.length;
    await pass(1);
    assert.equal(run.last().closed, true, "the watchdog");
    await pass(250); // as after the first failure
    assert.equal(run.connections.length, before + 1);
  });

  test(`${side}: a connection that never opens is given up, too`, async () => {
    const run = start(side);
    await pass(3 * beat);
    assert.equal(run.last().closed, true);
  });

  test(`${side}: when the server says that it is over, it ends, once`, async () => {
    const run = start(side);
    run.line(3);
    end(run.last());
    await pass(600_000);
    assert.deepEqual([run.connections.length, run.last().closed, run.logged], [1, true, ["3/3 ok", "complete"]]);
  });

  test(`${side}: stopped is stopped, in whatever state`, async () => {
    for (const state of ["connected", "waiting", "asking"]) {
      const run = start(side);
      if (state !== "connected") lost(run.last());
      if (state === "waiting") await pass(0);
      run.stop();
      await pass(600_000);
      assert.deepEqual([run.connections.length, run.last().closed, run.logged], [1, true, []], state);
    }
  });
}

test("sse: 204 is an end, of which EventSource does not tell", async () => {
  const run = start("sse");
  run.status.next = 204;
  sides.sse.lost(run.last());
  await pass(0);
  await pass(600_000);
  assert.deepEqual([run.connections.length, run.logged], [1, ["complete"]]);
});

test("sse: while the browser reconnects, it is left to it", async () => {
  const run = start("sse");
  run.last().readyState = 0;
  run.last().onerror();
  await pass(3 * beat - 1);
  assert.equal(run.connections.length, 1);
  assert.equal(run.last().closed, false);
});
