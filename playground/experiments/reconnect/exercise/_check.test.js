// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { check } from "./check.js";
import { Recording, reports } from "../../../../static/js/_testing/recording.js";

const controls = { total: 6 };

/** Sockets that end as said, one after the other. @param {string[]} ends */
function sockets(...ends) {
  const recording = new Recording();
  ends.forEach((end, i) => {
    recording.request(i, 100 * i, "GET /play/reconnect/ws", { "http.upgrade": "websocket" }).response(i, 100 * i + 1, 101);
    if (end === "reset") recording.end(i, 100 * i + 50, "server", "reset");
    else recording.close(i, 100 * i + 50, end === "client" ? "client" : "server", 1000);
  });
  return recording.capture;
}

/** @param {unknown[]} numbers */
function reported(...numbers) {
  return reports("ws", numbers.map((value, i) => [i, "report", { value }]));
}

/** @param {import("../../../../static/js/lib/capture.js").Capture} capture @param {any[]} list */
function failed(capture, list) {
  const { passed, checks, hint } = check({ capture, reports: list, controls });
  const words = checks.filter((check) => !check.ok).map((check) => check.word.replace("exercise.reconnect.", ""));
  assert.equal(passed, words.length === 0);
  assert.equal(hint === 0, passed);
  return words;
}

const cutTwice = () => sockets("reset", "reset", "goodbye");

test("every number once, over two cuts", () => {
  assert.deepEqual(failed(cutTwice(), reported(1, 2, 3, 4, 5, 6)), []);
  assert.deepEqual(failed(cutTwice(), reported("1", "2", "3", "4", "5", "6")), []);
});

test("nothing has happened yet", () => {
  assert.deepEqual(failed(sockets(), []), ["cuts", "missing"]);
});

test("nobody came back", () => {
  assert.deepEqual(failed(sockets("reset"), reported(1, 2)), ["cuts", "missing"]);
});

test("cuts that the client made itself", () => {
  assert.deepEqual(failed(sockets("client", "client", "goodbye"), reported(1, 2, 3, 4, 5, 6)), ["cuts"]);
});

test("started over each time", () => {
  const verdict = check({ capture: cutTwice(), reports: reported(1, 2, 1, 2, 3, 4, 1, 2, 3, 4, 5, 6), controls });
  assert.deepEqual(verdict.checks.map(({ ok }) => ok), [true, true, false, false]);
  assert.deepEqual(verdict.checks[2].args, { numbers: "1, 2, 3, 4" });
  assert.equal(verdict.hint, 2);
});

test("one too far", () => {
  assert.deepEqual(failed(cutTwice(), reported(1, 2, 4, 6)), ["missing"]);
});

test("out of order, and numbers that were never sent", () => {
  assert.deepEqual(failed(cutTwice(), reported(2, 1, 3, 4, 5, 6)), ["unordered"]);
  assert.deepEqual(failed(cutTwice(), reported(1, 2, 3, 4, 5, 6, 7)), ["unordered"]);
});

test("what the other side reported does not count", () => {
  assert.deepEqual(failed(cutTwice(), reports("sse", [[0, "report", { value: 1 }]])), ["missing"]);
});
