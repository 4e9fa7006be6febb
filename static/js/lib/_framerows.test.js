// @ts-check
import assert from "node:assert/strict";
import test from "node:test";
import { Capture } from "./capture.js";
import { addressOf, linesOf, parseAddress, Rows, tilesOf } from "./framerows.js";
import * as make from "../_testing/documents.js";

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

/** A frame of HTTP/2 with a payload. @param {"client"|"server"} from @param {number} ms @param {number} offset @param {string} kind @param {number} stream */
function http2Frame(from, ms, offset, kind, stream) {
  return { ...make.frame(1, from, ms, offset, `http2/${kind}`, [["http2.length", "123456789"], ["http2.unknown", "x"]]), stream };
}

test("frames of other requests on a connection of HTTP/2 are one row, up to one of the run's own", () => {
  const connection = { ...make.connection(1, { client: "x" }), streams: [5] };
  const { rows } = given(
    [connection],
    [
      http2Frame("client", 1, 0, "settings", 0),
      http2Frame("client", 2, 10, "request", 1),
      http2Frame("client", 3, 20, "window-update", 0),
      http2Frame("client", 4, 30, "request", 3),
      http2Frame("client", 5, 40, "request", 5),
      http2Frame("client", 6, 50, "window-update", 0),
    ],
  );
  assert.deepEqual(
    rows.list.slice(1).map(({ kind, offset, length, frames }) => [kind, offset, length, frames.length]),
    [
      ["frame", 0, 10, 1],
      ["foreign", 10, 30, 3],
      ["frame", 40, 10, 1],
      ["frame", 50, 10, 1],
    ],
  );
});

test("a DATA frame takes the lines of its own stream along, also where another stream's lie between", () => {
  const line = (/** @type {number} */ stream, /** @type {number} */ offset, /** @type {number} */ length) => ({
    ...make.frame(1, "server", 1, offset, "sse/field", [["sse.data", "x".repeat(length)]], { sse: {} }),
    stream,
  });
  const first = line(1, 9, 41); // from the first frame to the third
  first.fields = /** @type {any[]} */ ([
    { name: "sse.data", offset: 0, length: 1, value: "x", piece: 1, pieces: 2 },
    { name: "sse.data", offset: 40, length: 1, value: "x", piece: 2, pieces: 2 },
  ]);
  const { capture, rows } = given(
    [],
    [
      http2Frame("server", 1, 0, "data", 1),
      line(3, 29, 1),
      http2Frame("server", 2, 20, "data", 3),
      first,
      http2Frame("server", 3, 40, "data", 1),
    ],
  );
  assert.deepEqual(kinds(rows), ["data", "data", "data"]);
  assert.deepEqual(
    rows.list.map((row) => linesOf(capture, row).map((line) => line.stream)),
    [[1], [3], [1]],
  );
});

test("a header is found by the field that HTTP/1.1 has for it", () => {
  const frame = {
    ...http2Frame("client", 1, 0, "request", 1),
    headers: [
      { name: ":path", value: "/play" },
      { name: "last-event-id", value: "7" },
    ],
    fields: [
      { name: "http2.header.index", offset: 0, length: 1, value: "4 → :path: /play" },
      { name: "http2.header.index", offset: 1, length: 1, value: "62 → last-event-id" },
      { name: "http2.header.value", offset: 2, length: 8, value: "7" },
    ],
  };
  const { rows } = given([], [frame]);
  assert.equal(rows.newestWith("http.request.uri")?.offset, 0);
  assert.equal(rows.newestWith("http.last_event_id")?.offset, 2);
  assert.equal(rows.newestWith("http.chunk_size"), undefined);
});
