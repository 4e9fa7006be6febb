// @ts-check
import assert from "node:assert/strict";
import test from "node:test";
import { Recording, reports, start } from "../_testing/recording.js";
import { keepRun, takeRun } from "./keptrun.js";

/** @type {Map<string, string>} */
let storage;
/** What the server has, by address. @type {Record<string, object>} */
let server;
let quota = Infinity;
test.beforeEach(() => {
  storage = new Map();
  server = {};
  quota = Infinity;
  Object.assign(globalThis, {
    sessionStorage: {
      getItem: (/** @type {string} */ key) => storage.get(key) ?? null,
      setItem: (/** @type {string} */ key, /** @type {string} */ text) => {
        if (text.length > quota) throw new DOMException("full", "QuotaExceededError");
        storage.set(key, text);
      },
      removeItem: (/** @type {string} */ key) => storage.delete(key),
    },
    fetch: async (/** @type {string} */ address) => ({ ok: address in server, json: async () => server[address] }),
  });
});

const { capture } = new Recording().stream(1, 5, "/play/reconnect/sse");
capture.id = "k7m2-q9xd";
capture.clockOffset = 12;
const run = { capture, reports: reports("sse", [[20, "open"]]), started: start, ended: start + 900, controls: { cut: "3" } };
const document = { id: "k7m2-q9xd", connections: [{ number: 1 }], frames: [] };

test("a run goes on to the next page, once, with what the server still has of it", async () => {
  server["/captures/k7m2-q9xd.json"] = document;
  keepRun("reconnect", run, "done");
  const taken = await takeRun("reconnect");
  const { capture: again, ...rest } = taken?.run ?? assert.fail("it is not there");
  assert.deepEqual(rest, { reports: run.reports, started: start, ended: start + 900, controls: { cut: "3" } });
  assert.deepEqual([taken?.reason, again.id, again.clockOffset, [...again.connections.keys()]], ["done", "k7m2-q9xd", 12, [1]]);
  assert.equal(await takeRun("reconnect"), undefined, "a reload begins anew");
});

test("a run goes on where the server was started anew, with all that the page had of it", async () => {
  for (const unknown of [undefined, { id: "k7m2-q9xd", connections: [], frames: [] }]) {
    if (unknown) server["/captures/k7m2-q9xd.json"] = unknown;
    assert.equal(keepRun("reconnect", run, "done"), true);
    const again = (await takeRun("reconnect"))?.run.capture ?? assert.fail("it is not there");
    assert.equal(JSON.stringify(again), JSON.stringify(capture));
    assert.equal(again.frames.length, capture.frames.length);
    assert.deepEqual(again.bytesOf(1, "client", 0, 20), capture.bytesOf(1, "client", 0, 20));
    assert.equal(again.sideOf(1), capture.sideOf(1));
  }
});

test("it is not shown in another lesson, nor without its bytes", async () => {
  server["/captures/k7m2-q9xd.json"] = document;
  keepRun("reconnect", run, "done");
  assert.equal(await takeRun("six"), undefined);
  assert.equal(await takeRun("reconnect"), undefined);

  quota = 600; // too little for the bytes
  assert.equal(keepRun("reconnect", run, "done"), false);
  assert.ok(storage.size > 0);
  server = {};
  assert.equal(await takeRun("reconnect"), undefined);
  keepRun("reconnect", run, "done");
  globalThis.fetch = async () => { throw new TypeError("offline"); };
  assert.equal(await takeRun("reconnect"), undefined);
});

test("a run that is too large for the browser is left behind", async () => {
  quota = 10;
  keepRun("reconnect", run, "done");
  assert.equal(await takeRun("reconnect"), undefined);
});
