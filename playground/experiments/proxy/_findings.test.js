// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { check } from "./exercise/check.js";
import { findings } from "./findings.js";
import { Facts } from "../../../static/js/elements/timeline/facts.js";
import { faultOn, ways } from "./hops.js";
import { Recording, brief, reports, start } from "../../../static/js/_testing/recording.js";

/** A recording whose even connections are those behind the proxy. @param {number} count */
function recording(count) {
  const r = new Recording();
  for (let number = 2; number <= count; number += 2) r.capture.apply({ connections: [{ number, hop: "backend" }] });
  return r;
}

const stream = "GET /play/proxy/sse?fault=x";
const socket = "GET /play/proxy/ws?fault=x";
const upgrade = { "http.upgrade": "websocket" };

/** @param {Recording} r @param {object} [more] */
function found(r, more) {
  return brief(findings({ capture: r.capture, reports: [], controls: { fault: "surprise" }, started: start, ...more }));
}

/** A stream on connections n and n+1 from a moment on; passed says when the proxy let each through. @param {Recording} r @param {number} n @param {number} at @param {number[]} wrote @param {number[]} passed @param {Record<string, string>} [head] @param {string} [line] */
function streamed(r, n, at, wrote, passed, head = {}, line = stream) {
  const accept = { "http.accept": "text/event-stream" };
  r.request(n, at, line, accept).request(n + 1, at + 1, line, accept).response(n + 1, at + 2, 200, "text/event-stream");
  wrote.forEach((time, i) => r.event(n + 1, time, String(i + 1)));
  const got = { "http.response.code": "200", "http.content_type": "text/event-stream", ...head };
  if (passed.length > 0) r.frame(n, "server", passed[0], "http1", "response", 150, got);
  passed.forEach((time, i) => r.event(n, time, String(i + 1)));
}

test("what was held says when it was written and when it passed", () => {
  const r = recording(2);
  streamed(r, 1, 0, [10, 260, 510], [520, 520, 521]);
  r.lastChunk(2, 519).lastChunk(1, 522);
  assert.deepEqual(found(r).map(([, , word]) => word), ["held"], "the program may have closed its EventSource");
  r.request(3, 900, "GET /play/proxy/sse", { "http.last_event_id": "3" });
  assert.deepEqual(found(r), [
    ["sse", "gap", "held", 10, 520, { first: "1", last: "3", count: 3, wrote: "0.01", got: "0.52" }],
    ["sse", "note", "complete", 522, {}],
  ]);
  assert.equal(faultOn(ways(r.capture)[0], r.capture), "buffer");
});

test("a buffer that is full lets go of the first ones alone", () => {
  const r = recording(2);
  streamed(r, 1, 0, [10, 260, 510, 760], [300, 300, 770, 770]);
  assert.deepEqual(found(r)[0].at(-1), { first: "1", last: "2", count: 2, wrote: "0.01", got: "0.30" });
});

test("a compressor is told from a buffer by the header", () => {
  const r = recording(2);
  streamed(r, 1, 0, [10, 260, 510], [520, 520, 520], { "http.content_encoding": "gzip" });
  assert.equal(found(r)[0][2], "compressed");
  assert.equal(faultOn(ways(r.capture)[0], r.capture), "gzip");
});

test("what passes in time is said to, with the longest wait, compressed or not", () => {
  for (const [head, word] of /** @type {const} */ ([[{}, "through"], [{ "http.content_encoding": "gzip" }, "flushed"]])) {
    const r = recording(2);
    streamed(r, 1, 0, [10, 260, 510], [11, 264, 511], head);
    assert.deepEqual(found(r), [["sse", "good", word, 11, { ms: 4 }]]);
    assert.equal(faultOn(ways(r.capture)[0], r.capture), undefined);
  }
});

test("what is late through a proxy that holds nothing was a busy machine", () => {
  const late = recording(2);
  streamed(late, 1, 0, [10, 260, 510], [520, 520, 521]);
  for (const controls of [{ fault: "none" }, { fault: "idle" }, { fault: "buffer", remedy: "header" }, { fault: "gzip", remedy: "flush" }]) {
    assert.deepEqual(found(late, { controls }), [["sse", "good", "through", 520, { ms: 510 }]]);
  }
  for (const controls of [{ fault: "buffer", remedy: "flush" }, { fault: "gzip", remedy: "none" }]) {
    assert.equal(found(late, { controls })[0][2], "held");
  }
  const r = recording(2);
  r.request(1, 0, socket, upgrade).request(2, 1, socket, upgrade).response(2, 2, 101).response(1, 3, 101);
  r.text(2, 10, "server", "1").text(1, 500, "server", "1");
  assert.deepEqual(found(r), [["ws", "good", "through", 500, { ms: 490 }]]);
});

test("a run that is stopped before anything came through", () => {
  const r = recording(2);
  streamed(r, 1, 0, [10, 260], []);
  assert.deepEqual(found(r), []);
  r.end(1, 400, "client", "fin");
  assert.deepEqual(found(r, { ended: start + 401 }), [["sse", "gap", "kept", 10, 400, { count: 2, last: "2" }]]);
});

test("who cut is not said before the end behind the proxy is known", () => {
  const r = recording(2);
  streamed(r, 1, 0, [10, 260], [11, 261]);
  r.end(1, 1261, "server", "fin");
  assert.deepEqual(found(r).map(([, , word]) => word), ["through"]);
  assert.equal(faultOn(ways(r.capture)[0], r.capture), undefined);
});

test("the proxy cuts a silence, and EventSource is back", () => {
  const r = recording(4);
  streamed(r, 1, 0, [10, 260], [11, 261]);
  r.end(2, 1260, "client", "fin").end(1, 1261, "server", "fin");
  r.request(3, 1800, stream, { "http.last_event_id": "2" });
  assert.deepEqual(found(r).slice(1), [
    ["sse", "cut", "idle", 1261, { silence: "1.00" }],
    ["sse", "gap", "again", 1261, 1800, { ms: 539, id: "2" }],
  ]);
  assert.equal(faultOn(ways(r.capture)[0], r.capture), "idle");
});

test("who is back without an ID does not say one", () => {
  const r = recording(4);
  streamed(r, 1, 0, [10, 260], [11, 261]);
  r.end(2, 1260, "client", "fin").end(1, 1261, "server", "fin");
  r.request(3, 1800, stream);
  assert.deepEqual(found(r).at(-1), ["sse", "gap", "back", 1261, 1800, { ms: 539, id: undefined }]);
});

test("what the server breaks off, the proxy did not", () => {
  const r = recording(2);
  streamed(r, 1, 0, [10, 260], [11, 261]);
  r.end(2, 1010, "server", "fin").end(1, 1011, "server", "fin");
  assert.deepEqual(found(r).at(-1), ["sse", "cut", "broke_off", 1011, { age: "1.01" }]);
  assert.equal(faultOn(ways(r.capture)[0], r.capture), "deadline");
});

test("a browser that leaves has cut nothing", () => {
  const r = recording(2);
  streamed(r, 1, 0, [10], [11]);
  r.end(1, 300, "client", "fin").end(2, 301, "client", "fin");
  assert.deepEqual(found(r).map(([, , word]) => word), ["through"]);
});

test("a handshake that arrives without Upgrade", () => {
  const r = recording(2);
  r.request(1, 0, socket, upgrade).request(2, 1, socket).response(2, 2, 426).response(1, 3, 426);
  assert.deepEqual(found(r), [["ws", "cut", "stripped", 3, { status: 426 }]]);
  assert.equal(faultOn(ways(r.capture)[0], r.capture), "upgrade");
});

test("a handshake that is refused for another reason", () => {
  const r = recording(2);
  r.request(1, 0, socket, upgrade).request(2, 1, socket, upgrade).response(2, 2, 503).response(1, 3, 503);
  assert.deepEqual(found(r), [["ws", "cut", "refused", 3, { status: 503 }]]);
});

test("a socket through the proxy: its pings, and its end", () => {
  const r = recording(2);
  r.request(1, 0, socket, upgrade).request(2, 1, socket, upgrade).response(2, 2, 101).response(1, 3, 101);
  r.text(2, 10, "server", "1").text(1, 11, "server", "1");
  r.frame(2, "server", 500, "websocket", "ping", 2, {}).frame(1, "server", 501, "websocket", "ping", 2, {});
  r.close(2, 900, "server", 1000).close(1, 901, "server", 1000).end(1, 902, "server", "fin");
  assert.deepEqual(found(r), [
    ["ws", "good", "through", 11, { ms: 1 }],
    ["ws", "note", "beats_ws", 501, { count: 1 }],
  ]);
});

test("204 is a goodbye", () => {
  const r = recording(2);
  r.request(1, 0, stream).request(2, 1, stream).response(2, 2, 204).response(1, 3, 204);
  assert.deepEqual(found(r), [["sse", "good", "goodbye", 3, {}]]);
});

// --- the exercise ---

/** The words of a check, its verdict and its hint. @param {Recording} r @param {object[]} said */
function judged(r, said) {
  const list = reports("sse", said.map((value) => [4000, "report", { value }]));
  const { passed, checks, hint } = check({ capture: r.capture, reports: list, controls: {} });
  return { passed, hint, words: checks.map(({ ok, word }) => `${ok ? "+" : "-"}${word.replace("exercise.proxy.", "")}`) };
}

/** Three rounds: the first buffers, the second cuts, the third drops Upgrade. */
function threeRounds({ tries = true } = {}) {
  const r = recording(8);
  const line = (/** @type {number} */ round) => `${stream}&round=${round}`;
  streamed(r, 1, 0, [10, 110, 210], [1000, 1000, 1000], {}, line(1));
  r.lastChunk(1, 1001);
  streamed(r, 3, 0, [12, 112], [13, 113], {}, line(2));
  r.end(4, 1200, "client", "fin").end(3, 1201, "server", "fin");
  streamed(r, 5, 0, [14, 114], [15, 115], {}, line(3));
  if (tries) r.request(7, 5, `${socket}&round=3`, upgrade).request(8, 6, `${socket}&round=3`).response(8, 7, 426).response(7, 8, 426);
  return r;
}

test("three right answers pass", () => {
  const said = [{ round: 3, fault: "upgrade" }, { round: 1, fault: "buffer" }, { round: 2, fault: "idle" }];
  assert.deepEqual(judged(threeRounds(), /** @type {any[]} */ (said)), { passed: true, hint: 0, words: ["+buffer", "+idle", "+upgrade"] });
});

test("a wrong answer gets what was on the wire", () => {
  const said = [1, 2, 3].map((round) => ({ round, fault: "buffer" }));
  assert.deepEqual(judged(threeRounds(), /** @type {any[]} */ (said)), { passed: false, hint: 2, words: ["+buffer", "-not_idle", "-not_upgrade"] });
});

test("a right guess at a fault that was never met does not count", () => {
  const said = [{ round: 1, fault: "buffer" }, { round: 2, fault: "idle" }, { round: 3, fault: "upgrade" }];
  assert.deepEqual(judged(threeRounds({ tries: false }), said), { passed: false, hint: 1, words: ["+buffer", "+idle", "-unmet"] });
});

test("a busy machine is not taken for a fault", () => {
  const r = recording(10);
  const line = (/** @type {number} */ round) => `${stream}&round=${round}`;
  streamed(r, 1, 0, [10, 110], [1000, 1000], {}, line(1));
  r.request(3, 2, `${socket}&round=2`, upgrade).request(4, 3, `${socket}&round=2`, upgrade).response(4, 4, 101).response(3, 5, 101);
  r.text(4, 10, "server", "1").text(3, 400, "server", "1").end(3, 500, "client", "fin");
  streamed(r, 5, 0, [10, 110], [1000, 1000], { "http.content_encoding": "gzip" }, line(2));
  streamed(r, 7, 0, [10, 110], [400, 400], {}, line(3));
  r.request(9, 5, `${socket}&round=3`, upgrade).request(10, 6, `${socket}&round=3`).response(10, 7, 426).response(9, 8, 426);
  const said = [{ round: 1, fault: "buffer" }, { round: 2, fault: "gzip" }, { round: 3, fault: "upgrade" }];
  assert.deepEqual(judged(r, said), { passed: true, hint: 0, words: ["+buffer", "+gzip", "+upgrade"] });
});

test("all five are named, one twice, or one before it was met", () => {
  const right = [{ round: 2, fault: "idle" }, { round: 3, fault: "upgrade" }];
  const all = ["gzip", "idle", "upgrade", "deadline", "buffer"].map((fault) => ({ round: 1, fault }));
  assert.deepEqual(judged(threeRounds(), [...all, ...right]).words, ["-not_buffer", "+idle", "+upgrade"]);
  assert.deepEqual(judged(threeRounds(), [{ round: 1, fault: "buffer" }, { round: 1, fault: "buffer" }, ...right]).words, ["-again", "+idle", "+upgrade"]);

  const said = [{ round: 1, fault: "buffer" }, ...right];
  const list = reports("sse", said.map((value) => [500, "report", { value }]));
  const { decided, checks } = check({ capture: threeRounds().capture, reports: list, controls: {} });
  assert.deepEqual(checks.map(({ word }) => word.replace("exercise.proxy.", "")), ["guessed", "guessed", "upgrade"]);
  assert.equal(decided, true);
});

test("no answer, or one of another shape, is none", () => {
  for (const said of [[], ["buffer", null, 3]]) {
    assert.deepEqual(judged(threeRounds(), /** @type {any[]} */ (said)), { passed: false, hint: 3, words: ["-not_buffer", "-not_idle", "-not_upgrade"] });
  }
});

// --- the timeline ---

test("the timeline's facts keep the two parts of the way apart, and know what became of each event", () => {
  const r = recording(2);
  streamed(r, 1, 0, [10, 260, 510], [520, 520]); // the third is still held
  r.end(2, 600, "server", "fin");
  const facts = new Facts(r.capture);
  facts.update(reports("sse", [[525, "message", { type: "message", data: "1", lastEventId: "" }]]));

  const events = (/** @type {any} */ side) => side.points.filter((/** @type {any} */ { kind }) => kind === "event");
  assert.deepEqual(events(facts.behind.sse).map((/** @type {any} */ { time, passed }) => [time - start, passed && passed.time - start]), [
    [10, 520],
    [260, 520],
    [510, undefined],
  ]);
  assert.deepEqual(events(facts.sse).map((/** @type {any} */ { connection, other }) => [connection, other && other - start]), [
    [1, 525],
    [1, undefined],
  ]);
  assert.equal(facts.behind.sse.stops.length, 1);
  assert.equal(facts.sse.stops.length, 0);

  r.event(1, 700, "3");
  facts.update(reports("sse", []));
  assert.equal(events(facts.behind.sse)[2].passed.time - start, 700);
});
