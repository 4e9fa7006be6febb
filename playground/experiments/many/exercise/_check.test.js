// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { check } from "./check.js";
import { failed as failedIn, Recording, start } from "../../../../static/js/_testing/recording.js";

const clients = 12;

/** Sockets that got two messages and were cut at 2000 ms. */
function cut(count = clients) {
  const recording = new Recording();
  for (let i = 0; i < count; i++) {
    recording.request(i, i, "GET /play/many/ws", { "http.upgrade": "websocket" }).response(i, i + 1, 101);
    recording.text(i, 1600, "server", '{"n":8}').text(i, 1800, "server", '{"n":9}').end(i, 2000, "server", "reset");
  }
  return recording;
}

/** Sockets that come back at these times. @param {Recording} recording @param {number[]} times @param {string} [query] */
function back(recording, times, query = "?from=9") {
  times.forEach((at, i) => {
    recording.request(100 + i, at, `GET /play/many/ws${query}`, { "http.upgrade": "websocket" }).response(100 + i, at + 1, 101);
  });
  return recording;
}

/** @param {Recording} recording @param {number} [until] */
function failed({ capture }, until) {
  return failedIn(check({ capture, reports: [], controls: { clients }, ...(until && { until: start + until }) }));
}

const spread = Array.from({ length: clients }, (_, i) => 3000 + 400 * i);

test("spread, all of them, and each where it was", () => {
  assert.deepEqual(failed(back(cut(), spread)), []);
  assert.deepEqual(failed(back(cut(), spread, "?from=8")), ["!lost"]);
});

test("six in a quarter of a second are not too many, seven are", () => {
  const times = (/** @type {number} */ together) => spread.map((at, i) => (i < together ? 3000 + 40 * i : at));
  assert.deepEqual(failed(back(cut(), times(6))), []);
  assert.deepEqual(failed(back(cut(), times(7))), ["!wave"]);
});

test("too late, or not at all", () => {
  assert.deepEqual(failed(back(cut(), [...spread.slice(1), 8001])), ["!back"]);
  assert.deepEqual(failed(back(cut(), spread.slice(1)), 7900), ["back"]);
  assert.deepEqual(failed(back(cut(), spread.slice(1)), 8100), ["!back"]);
  assert.deepEqual(failed(cut(), 3000), ["nobody", "back", "gone"]);
});

test("from the beginning, from nowhere, or from too far", () => {
  for (const query of ["", "?from=0", "?from=10", "?from=x"]) assert.deepEqual(failed(back(cut(), spread, query)), ["!lost"]);
});

test("an attempt that is turned away counts as one", () => {
  const recording = back(cut(), spread);
  for (let i = 0; i < 7; i++) recording.request(200 + i, 2100 + i, "GET /play/many/ws?from=9").end(200 + i, 2101 + i, "server", "reset");
  assert.deepEqual(failed(recording), ["!wave"]);
});

test("nothing has happened, or too few were there", () => {
  assert.deepEqual(failed(new Recording()), ["restart"]);
  assert.deepEqual(failed(cut(11)), ["restart"]);
});

test("what is opened after 1000 has not come back, and is no wave", () => {
  const ended = back(cut(), spread).close(100, 7500, "server", 1000);
  for (let i = 0; i < clients; i++) ended.socket(300 + i, 7600 + i, "/play/many/ws");
  const verdict = check({ capture: ended.capture, reports: [], controls: { clients } });
  assert.deepEqual(failedIn(verdict), ["!after"]);
  assert.equal(verdict.checks[2].args.back, clients);
});

test("it goes on connecting after 1000, or has opened an event stream", () => {
  const ended = back(cut(), spread);
  ended.close(100, 8500, "server", 1000).socket(300, 8600, "/play/many/ws?from=30");
  assert.deepEqual(failed(ended), ["!after"]);
  assert.deepEqual(failed(back(cut(), spread).stream(300, 5, "/play/many/sse")), ["!only_ws"]);
});
