// @ts-check
// Runs the client programs as they are, against a server made by hand.

import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { connections, response, start } from "../../../static/js/_testing/program.js";

const controls = { patience: 3000, interval: 1000, heartbeat: "none" };

test.beforeEach(() => mock.timers.enable({ apis: ["setTimeout", "setInterval"] }));
test.afterEach(() => mock.timers.reset());

/** Lets so many ms pass. @param {number} ms */
async function pass(ms) {
  for (let i = 0; i < ms; i += 100) {
    mock.timers.tick(100);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** @param {string} name @param {object} given */
function run(name, given) {
  /** @type {unknown[]} */
  const alarms = [];
  const report = (/** @type {unknown} */ value) => alarms.push(value);
  return { alarms, ...start(new URL(name, import.meta.url), { controls, report, ...given }) };
}

test("a connection that hangs before it opens is watched", async () => {
  const EventSource = connections();
  const WebSocket = connections();
  const fetch = (/** @type {string} */ _, /** @type {{signal: AbortSignal}} */ { signal }) =>
    new Promise((_, fail) => signal.addEventListener("abort", () => fail(signal.reason)));
  const all = [run("./sse.js", { EventSource }), run("./ws.js", { WebSocket }), run("./fetch.js", { fetch })];
  await pass(2900);
  assert.deepEqual(all.map(({ alarms }) => alarms.length), [0, 0, 0]);
  await pass(200);
  assert.deepEqual(all.map(({ alarms }) => alarms), [["alarm"], ["alarm"], ["alarm"]]);
  assert.deepEqual([EventSource.all[0].readyState, WebSocket.all[0].readyState], [2, 2]);
});

test("so is one that EventSource opens again, until it gives up", async () => {
  const EventSource = connections();
  const { alarms } = run("./sse.js", { EventSource });
  const [source] = EventSource.all;
  source.fire("open");
  source.fire("error");
  await pass(3100);
  assert.deepEqual(alarms, ["alarm"]);

  const other = run("./sse.js", { EventSource });
  EventSource.all[1].readyState = 2;
  EventSource.all[1].fire("error");
  await pass(10_000);
  assert.deepEqual(other.alarms, []);
});

test("fetch.js decodes a character that was cut, and tells a refusal and an end", async () => {
  const bytes = new TextEncoder().encode(": 字\n\n");
  const whole = run("./fetch.js", { fetch: async () => response([bytes.slice(0, 3), bytes.slice(3)]) });
  await whole.ended;
  assert.equal(whole.logged.join("").includes("\uFFFD"), false);
  assert.deepEqual([whole.logged[0], whole.logged.at(-1)], ["status 200", "the end"]);

  const refused = run("./fetch.js", { fetch: async () => response(["out of order"], { status: 500 }) });
  await refused.ended;
  assert.deepEqual(refused.logged, ["status 500", "Error: refused"]);
  await pass(10_000);
  assert.deepEqual([whole.alarms, refused.alarms], [[], []]);
});
