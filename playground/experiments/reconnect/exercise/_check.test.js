// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { check } from "./check.js";
import { failed, Recording, reports } from "../../../../static/js/_testing/recording.js";

const controls = { total: 6 };

/**
 * A run with numbers every 10 ms, cut after 2 and after 4.
 * @param {{froms?: (string | number)[], how?: ("client" | "server"), more?: (recording: Recording) => void}} [as]
 */
function run({ froms = [2, 4], how = "server", more = () => {} } = {}) {
  const recording = new Recording();
  let first = 1;
  [2, 4, 6].forEach((last, i) => {
    const at = 100 * i;
    const from = i === 0 ? "" : froms[i - 1];
    recording.socket(i, at, `/play/reconnect/ws${from === "" ? "" : `?from=${from}`}`);
    if (i > 0) first = Number(from || 0) + 1;
    for (let n = first; n <= last; n++) recording.text(i, at + 10 * n, "server", String(n));
    if (i < 2) recording.end(i, at + 80, how, "reset");
    else recording.close(i, at + 80, "server", 1000).close(i, at + 81, "client", 1000);
  });
  more(recording);
  return recording.capture;
}

/** The time of each number's arrival, where each came once. */
const arrival = [0, 10, 20, 130, 140, 250, 260];

/** @param {[number, unknown][]} list */
const reported = (...list) => reports("ws", list.map(([at, value]) => [at, "report", { value }]));

const right = reported(...[1, 2, 3, 4, 5, 6].map((n) => /** @type {[number, unknown]} */ ([arrival[n] + 1, n])));

test("every number once, over two cuts", () => {
  assert.deepEqual(failed(check({ capture: run(), reports: right, controls })), []);
  const texts = reported(...[1, 2, 3, 4, 5, 6].map((n) => /** @type {[number, unknown]} */ ([arrival[n] + 1, String(n)])));
  assert.deepEqual(failed(check({ capture: run(), reports: texts, controls })), []);
});

test("what a reset has thrown away is asked for again", () => {
  // 2 was on the wire and never reached the program, which goes on after 1.
  const list = reported([11, 1], [121, 2], [131, 3], [141, 4], [251, 5], [261, 6]);
  assert.deepEqual(failed(check({ capture: run({ froms: [1, 4] }), reports: list, controls })), []);
});

test("nothing has happened yet", () => {
  assert.deepEqual(failed(check({ capture: new Recording().capture, reports: [], controls })), ["cuts", "alone", "missing"]);
});

test("it never came back", () => {
  const recording = new Recording().socket(1, 0, "/play/reconnect/ws").text(1, 10, "server", "1").end(1, 20, "server", "reset");
  const verdict = check({ capture: recording.capture, reports: reported([11, 1]), controls });
  assert.deepEqual(failed(verdict), ["cuts", "alone", "missing"]);
  assert.deepEqual(verdict.checks[1].place, { connection: 1, from: "server", offset: Infinity });
  assert.equal(verdict.hint, 1);
});

test("cuts that the client made itself", () => {
  assert.deepEqual(failed(check({ capture: run({ how: "client" }), reports: right, controls })), ["cuts"]);
});

test("all of them made up at the start, and then coming back in silence", () => {
  const list = reported([1, 1], [1, 2], [1, 3], [1, 4], [1, 5], [1, 6]);
  const verdict = check({ capture: run(), reports: list, controls });
  assert.deepEqual(failed(verdict), ["!early"]);
  assert.deepEqual(verdict.checks[2].args, { numbers: "3, 4, 5, 6" });
});

test("without from, and the server sends everything again", () => {
  const once = [1, 2, 3, 4, 5, 6].map((n) => /** @type {[number, unknown]} */ ([n < 3 ? 10 * n : n < 5 ? 100 + 10 * n : 200 + 10 * n, n]));
  const verdict = check({ capture: run({ froms: ["", ""] }), reports: reported(...once), controls });
  assert.deepEqual(failed(verdict), ["!restarted"]);
  assert.deepEqual(verdict.checks[1].args, { said: "–", last: 2 });
  assert.equal(verdict.hint, 2);
});

test("from is the next number, or one that has not come", () => {
  for (const froms of [[3, 4], [2, 60], ["x", 4], [1, 4]]) {
    assert.ok(failed(check({ capture: run({ froms }), reports: right, controls })).includes("!restarted"), String(froms));
  }
});

test("it goes on connecting after 1000", () => {
  const more = (/** @type {Recording} */ recording) => recording.socket(9, 400, "/play/reconnect/ws?from=6").close(9, 410, "server", 1000);
  const verdict = check({ capture: run({ more }), reports: right, controls });
  assert.deepEqual(failed(verdict), ["!after"]);
  assert.equal(verdict.checks.at(-1)?.place?.connection, 9);
});

test("each twice, one too few, out of order, more than there are", () => {
  const of = (/** @type {any[]} */ list) => failed(check({ capture: run(), reports: list, controls }));
  assert.deepEqual(of(right.flatMap((report) => [report, report])), ["!twice"]);
  assert.deepEqual(of(right.toSpliced(2, 1)), ["missing"]);
  assert.deepEqual(of(reported([21, 2], [22, 1], [131, 3], [141, 4], [251, 5], [261, 6])), ["!unordered"]);
  assert.deepEqual(of([...right, ...reported([270, 7])]), ["!early"]);
  assert.deepEqual(of(reported([11, "a"], [12, null], [13, {}])), ["missing", "!early"]);
});

test("numbers that an event stream brought", () => {
  const more = (/** @type {Recording} */ recording) => recording.stream(9, 5, "/play/reconnect/sse").event(9, 6, "1");
  assert.deepEqual(failed(check({ capture: run({ more }), reports: right, controls })), ["!only_ws"]);
  const only = more(new Recording()).capture;
  const verdict = check({ capture: only, reports: reported([7, 1]), controls });
  assert.deepEqual(failed(verdict), ["cuts", "alone", "missing", "!early", "!only_ws"]);
  assert.deepEqual(verdict.checks.slice(0, 3).map(({ args }) => args), [{ cuts: 0, sockets: 0 }, { sockets: 0 }, { numbers: "2, 3, 4, 5, 6" }]);
});
