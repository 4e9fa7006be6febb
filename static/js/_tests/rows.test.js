// @ts-check
import assert from "node:assert/strict";
import test from "node:test";
import { Capture } from "../lib/capture.js";
import { addressOf, linesOf, parseAddress, Rows, tilesOf } from "../lib/rows.js";
import * as make from "./documents.js";

/** @param {object[]} connections @param {any[]} frames */
function given(connections, frames) {
  const capture = new Capture();
  capture.apply(make.document(connections, frames));
  const rows = new Rows(capture);
  rows.update();
  return { capture, rows };
}

const kinds = (/** @type {Rows} */ rows) => rows.list.map((row) => row.frames[0]?.kind ?? row.kind);

test("a chunk takes the lines in it along", () => {
  const { capture, rows } = given([], [make.chunkedHead(1, 0), ...make.eventChunk(1, 1, 12, "1")]);
  assert.deepEqual(kinds(rows), ["response", "chunk"]);
  assert.deepEqual(
    linesOf(capture, rows.list[1]).map((line) => line.kind),
    ["field", "field", "blank"],
  );
});

test("without chunks, lines are grouped up to their blank line, also when they come one by one", () => {
  const lines = [...make.eventChunk(1, 1, 0, "1"), ...make.eventChunk(1, 2, 20, "2")].filter(
    (f) => f.protocol === "sse",
  );
  const capture = new Capture();
  const rows = new Rows(capture);
  for (const line of lines) {
    capture.apply(make.document([], [line]));
    rows.update();
  }
  assert.deepEqual(
    rows.list.map((row) => [row.kind, row.frames.length, row.length]),
    [
      ["lines", 3, 15],
      ["lines", 3, 15],
    ],
  );
});

test("a row's fields tile its bytes", () => {
  const { capture, rows } = given([], [make.chunkedHead(1, 0), ...make.eventChunk(1, 1, 12, "1")]);
  let next = 12;
  for (const tile of tilesOf(capture, rows.list[1])) {
    assert.equal(tile.offset, next, tile.field.name);
    next += tile.length;
  }
  assert.equal(next, 32);
});

test("of a line that goes on in the next chunk, each chunk shows its piece", () => {
  const cut = make.frame(1, "server", 2, 3, "sse/field", []);
  cut.length = 20; // over the end of one chunk and the size of the next
  cut.fields = [
    { name: "sse.data", offset: 0, length: 5, value: "hello world" },
    { name: "sse.data", offset: 14, length: 6, value: "hello world" },
  ];
  const chunk = (/** @type {number} */ offset, /** @type {number} */ length) => ({
    ...make.frame(1, "server", 1, offset, "http1/chunk", []),
    length,
  });
  const { capture, rows } = given([], [make.chunkedHead(1, 0), chunk(0, 10), cut, chunk(10, 20)]);
  const pieces = rows.list.slice(1).map((row) => tilesOf(capture, row).map((tile) => tile.offset));
  assert.deepEqual(pieces, [[3], [17]]);
});

test("rows go by time, with the opening and the ends of connections among them", () => {
  const ends = [{ from: "server", at: make.at(5), how: "reset" }];
  const { rows } = given(
    [make.connection(1, { client: "x", ends }), make.connection(2, { client: "x", ms: 3 })],
    [make.textFrame(1, 4, 0, "first"), make.textFrame(2, 7, 0, "third"), make.textFrame(1, 6, 7, "second")],
  );
  assert.deepEqual(
    rows.list.map((row) => [row.connection, row.frames[0]?.kind ?? row.how ?? row.kind]),
    [
      [1, "open"],
      [2, "open"],
      [1, "text"],
      [1, "reset"],
      [1, "text"],
      [2, "text"],
    ],
  );
});

test("the newest row with a field is found, inside a chunk too", () => {
  const { rows } = given(
    [],
    [
      make.chunkedHead(1, 0),
      ...make.eventChunk(1, 1, 12, "1"),
      ...make.eventChunk(1, 2, 32, "2"),
      make.textFrame(2, 3, 0, "x"),
    ],
  );
  const found = rows.newestWith("sse.id");
  assert.equal(found?.row.offset, 32);
  assert.equal(found?.offset, 32 + 3 + 4);
  assert.equal(rows.newestWith("sse.retry"), undefined);
});

test("a field is shown in a message before it is shown in a close frame", () => {
  const close = { ...make.textFrame(2, 5, 3, "x"), kind: "close" };
  const { rows } = given([], [make.textFrame(2, 3, 0, "x"), close]);
  assert.equal(rows.newestWith("websocket.opcode")?.row.offset, 0);
  const { rows: ended } = given([], [close]);
  assert.equal(ended.newestWith("websocket.opcode")?.row.offset, 3);
});

test("an address leads back to its row", () => {
  const ends = [{ from: "server", at: make.at(5), how: "fin" }];
  const { rows } = given([make.connection(2, { client: "x", ends })], [make.textFrame(2, 1, 129, "hello")]);
  assert.deepEqual(rows.list.map(addressOf), ["2.client.open", "2.server.129", "2.server.end"]);
  for (const row of rows.list) {
    const place = parseAddress(addressOf(row));
    assert.equal(place && rows.at(place.connection, place.from, place.offset), row);
  }
  assert.equal(parseAddress("2.nobody.1"), undefined);
  assert.equal(rows.at(2, "server", 131), rows.list[1], "a byte inside");
});

test("a capture that starts over gives new rows", () => {
  const { capture, rows } = given([], [make.textFrame(1, 1, 0, "old"), make.textFrame(1, 2, 5, "old")]);
  capture.clear();
  capture.apply(
    make.document(
      [],
      [make.textFrame(1, 3, 0, "new"), make.textFrame(1, 3, 5, "new"), make.textFrame(1, 3, 10, "new")],
    ),
  );
  rows.update();
  assert.equal(rows.list.length, 3);
});
