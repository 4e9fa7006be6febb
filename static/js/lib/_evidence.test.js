// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { arrivalsOf, endOf, isAllOver, matched, nothingBeside, onlyBy, placeOf } from "./evidence.js";
import { exchanges } from "./exchanges.js";
import { Recording, reports, start } from "../_testing/recording.js";

test("a report counts once, for what had come before it", () => {
  const { capture } = new Recording().stream(1, 0, "/sse").event(1, 100, "a").event(1, 200, "b").event(1, 300, "a").event(1, 400, "c");
  const arrivals = arrivalsOf(exchanges(capture), capture);
  assert.deepEqual(arrivals.map(({ data, at }) => [data, at - start]), [["a", 100], ["b", 200], ["a", 300], ["c", 400]]);

  const list = reports("sse", [[101, "report", { value: "a" }], [102, "report", { value: "b" }], [301, "report", { value: "a" }], [500, "report", { value: "x" }]]);
  const { came, good, madeUp, twice, missing } = matched(arrivals, list, ({ data }) => data, String);
  assert.deepEqual([...came.keys()], ["a", "b", "c"]);
  assert.deepEqual(good.map(({ name }) => name), ["a"]);
  assert.deepEqual(madeUp.map(({ name, arrival }) => [name, arrival?.data]), [["b", "b"], ["x", undefined]]);
  assert.deepEqual(twice.map(({ name }) => name), ["a"]);
  assert.deepEqual(missing, ["b", "c"]);
});

test("the clocks may be a little apart", () => {
  const { capture } = new Recording().stream(1, 0, "/sse").event(1, 100, "a");
  const { good } = matched(arrivalsOf(exchanges(capture), capture), reports("sse", [[80, "report", { value: "a" }]]), ({ data }) => data, String);
  assert.equal(good.length, 1);
});

test("where an exchange begins and ends", () => {
  const recording = new Recording().socket(1, 0, "/ws").text(1, 10, "server", "a");
  const [open] = exchanges(recording.capture);
  assert.deepEqual([placeOf(open.sent[0]), endOf(open)], [{ connection: 1, from: "client", offset: 0 }, { connection: 1, from: "server", offset: 150 }]);
  recording.end(1, 20, "server", "reset");
  assert.deepEqual(endOf(exchanges(recording.capture)[0]), { connection: 1, from: "server", offset: Infinity });
});

test("everything is over when every request has its end, and none is still to come", () => {
  const asked = reports("ws", [[0, "request", { address: "ws://here/play/x/ws" }]]);
  const recording = new Recording();
  const over = () => isAllOver(recording.capture, asked, "here");
  assert.equal(over(), false, "the request is on its way");
  recording.socket(1, 0, "/play/x/ws");
  assert.equal(over(), false);
  recording.close(1, 10, "client", 1000);
  assert.equal(over(), false, "the answer to the close frame is on its way");
  recording.close(1, 11, "server", 1000);
  assert.equal(over(), true);
  recording.request(2, 20, "GET /play/x/sse").response(2, 21, 200, "text/event-stream");
  assert.equal(over(), false);
  recording.lastChunk(2, 30);
  assert.equal(over(), true);
  const others = reports("ws", [[0, "request", { address: "http://there/" }], [0, "request", { address: "no address" }]]);
  assert.equal(isAllOver(recording.capture, [...asked, ...others], "here"), true, "what is blocked never comes");
});

test("another protocol, or a connection beside the run", () => {
  const { capture } = new Recording().stream(1, 0, "/sse").request(2, 1, "POST /send").response(2, 2, 204);
  assert.equal(onlyBy(exchanges(capture), "sse"), undefined);
  assert.equal(onlyBy(exchanges(capture), "ws")?.word, "exercise.only_ws");
  const asked = (/** @type {string} */ address) => nothingBeside(reports("sse", [[0, "request", { address }]]), "mine1234")?.args.address;
  assert.equal(asked("http://here/play/x/sse?capture=mine1234"), undefined);
  assert.equal(asked("http://here/play/x/sse?a=1"), "/play/x/sse?a=1");
  assert.equal(asked("http://here/play/x/sse?capture=other123"), "/play/x/sse?capture=other123");
  assert.equal(asked("nothing"), undefined);
});
