// @ts-check
import assert from "node:assert/strict";
import test from "node:test";
import { Capture } from "../../lib/capture.js";
import { Rows } from "../../lib/framerows.js";
import { chunkedHead, connection, document, eventChunk, request, textFrame } from "../../_testing/documents.js";
import { reports } from "../../_testing/recording.js";
import { isMessage, isRefused, mayRun, meaningOf, showsAll } from "./shown.js";

test("a run is made once, and not where motion is not wanted", () => {
  assert.ok(mayRun(false, "navigate"));
  assert.ok(mayRun(false, "reload"));
  assert.ok(mayRun(false, undefined));
  assert.ok(!mayRun(true, "navigate"));
  assert.ok(!mayRun(false, "back_forward"));
});

test("a side that the server has no place for is refused; one that ends later is not", () => {
  assert.ok(isRefused(reports("sse", [[20, "error", { readyState: 2 }]]), "sse"));
  assert.ok(isRefused(reports("ws", [[20, "log"], [21, "error"], [22, "close", { code: 1006 }]]), "ws"));
  assert.ok(!isRefused(reports("sse", [[20, "open"], [30, "message"], [40, "error", { readyState: 0 }]]), "sse"));
  assert.ok(!isRefused(reports("sse", [[20, "error"]]), "ws"));
  assert.ok(!isRefused([], "sse"));
});

test("what is said of the run is said of one that shows it", () => {
  const found = (/** @type {string[]} */ ...names) => names.map((name) => /** @type {any} */ ({ word: `finding.reconnect.${name}` }));
  assert.ok(showsAll(found("closed", "asks_again", "resumed", "goodbye")));
  for (const lacking of [found("closed", "asks_again"), found("asks_again", "goodbye"), found("closed", "goodbye"), []]) assert.ok(!showsAll(lacking));
});

test("the bytes of a message are named as they are", () => {
  const capture = new Capture();
  const frames = [textFrame(2, 100, 0, "1"), textFrame(2, 300, 3, "10"), textFrame(2, 400, 0, "2", "client")];
  capture.apply(document([{ ...connection(2, {}), server: btoa("\x81\x011\x81\x0210"), client: btoa("\x81\x012") }], frames));
  const rows = new Rows(capture);
  rows.update();
  const said = rows.list.filter(({ kind }) => kind === "frame").map((row) => [isMessage(row), meaningOf(capture, row)]);
  assert.deepEqual(said, [
    [true, { word: "demo.meaning.message", args: { first: "81", second: "01", third: "31", text: "1" } }],
    [true, undefined],
    [false, undefined],
  ]);
});

test("an event and a request that names the last one have a sentence, other frames none", () => {
  const capture = new Capture();
  const again = request(3, 900, "text/event-stream");
  again.fields.push({ name: "http.last_event_id", offset: 0, length: 1, value: "3" });
  capture.apply(document([connection(1, {}), connection(3, {})], [request(1, 0, "text/event-stream"), chunkedHead(1, 10), ...eventChunk(1, 20, 150, "3"), again]));
  const rows = new Rows(capture);
  rows.update();
  const said = rows.list.filter(({ kind }) => kind === "frame").map((row) => meaningOf(capture, row)?.word);
  assert.deepEqual(said, [undefined, undefined, "demo.meaning.event", "demo.meaning.again"]);
});
