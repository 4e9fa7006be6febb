// @ts-check
import assert from "node:assert/strict";
import test from "node:test";
import { bitsAt, textAt, unmask } from "./bits.js";
import { frameText, summaryOf } from "./summary.js";
import { Capture } from "../../lib/capture.js";
import { Rows } from "../../lib/framerows.js";
import { setWords } from "../../lib/words.js";
import * as make from "../../_testing/documents.js";

const bytes = (/** @type {string} */ text) => new Uint8Array(Buffer.from(text, "utf8"));

test("the bits of a divided byte belong to their fields", () => {
  const tile = (/** @type {string} */ name, /** @type {string} */ mask, length = 1) =>
    /** @type {any} */ ({ offset: 7, length, field: { name, mask } });
  const names = (/** @type {number} */ offset, /** @type {any[]} */ tiles) =>
    bitsAt(offset, tiles)?.map((tile) => tile?.field.name);
  assert.deepEqual(names(7, [tile("fin", "80"), tile("opcode", "0f")]), [
    "fin",
    undefined,
    undefined,
    undefined,
    "opcode",
    "opcode",
    "opcode",
    "opcode",
  ]);
  // A field of several bytes with a bit less than all: HTTP/2's stream identifier.
  const stream = [tile("r", "80000000", 4), tile("stream", "7fffffff", 4)];
  assert.deepEqual(names(7, stream), ["r", ...Array(7).fill("stream")]);
  assert.deepEqual(names(8, stream), Array(8).fill("stream"));
  assert.equal(bitsAt(7, [/** @type {any} */ ({ offset: 7, length: 1, field: { name: "whole" } })]), undefined);
});

test("text stands at the first byte of its character", () => {
  assert.deepEqual(textAt(bytes("a你\n")), ["a", "你", "", "", "·"]);
  assert.deepEqual(textAt(new Uint8Array([0xe4, 0xbd])), ["·", "·"], "a character that is cut");
  assert.deepEqual(textAt(new Uint8Array([0xc0, 0x80, 0xff])), ["·", "·", "·"], "not UTF-8");
});

test("RFC 6455 §5.7: a masked Hello", () => {
  const masked = new Uint8Array([0x7f, 0x9f, 0x4d, 0x51, 0x58]);
  const key = new Uint8Array([0x37, 0xfa, 0x21, 0x3d]);
  assert.equal(Buffer.from(unmask(masked, key, 0)).toString(), "Hello");
  assert.equal(Buffer.from(unmask(masked.subarray(3), key, 3)).toString(), "lo", "from the middle of it");
});

test("a row says what it is in the words of the page", () => {
  setWords({
    "say.sse.line": "{text}",
    "say.sse.blank": "空行",
    "say.http1.chunk": "块，{bytes}",
    "say.websocket.text": "文本",
    "say.websocket.close": "关闭 {text} {close}",
    "say.bytes": "，{bytes}",
    "say.payload": " · {text}",
    "viewer.close.1000": "正常关闭",
    "viewer.comma": "，",
    "viewer.bytes": "{count} 字节",
  });
  const capture = new Capture();
  capture.apply(
    make.document([], [make.chunkedHead(1, 0), ...make.eventChunk(1, 1, 12, "2"), make.textFrame(2, 2, 0, "hi")]),
  );
  const rows = new Rows(capture);
  rows.update();
  assert.deepEqual(
    rows.list.slice(1).map((row) => summaryOf(capture, row)),
    ["块，15 字节 · id: 2，data: 2", "文本，2 字节 · hi"],
  );
});

test("lines that came compressed have no bytes, and are still there", () => {
  setWords({ "say.http1.chunk": "块，{bytes}", "say.sse.line": "{text}", "viewer.bytes": "{count} 字节", "viewer.comma": "，" });
  const line = (/** @type {string} */ kind, /** @type {string} */ text) =>
    make.frame(1, "server", 1, 20, `sse/${kind}`, [], { say: [{ key: "sse.line", text }], sse: {} });
  const chunk = make.frame(1, "server", 1, 12, "http1/chunk", [
    ["http.chunk_size", "6"],
    ["http.chunk_size.end", "\r\n"],
    ["http.file_data", "inflat"],
  ], { say: [{ key: "http1.chunk", count: 6 }] });
  const capture = new Capture();
  capture.apply(
    make.document([], [make.chunkedHead(1, 0), line("field", "data: x"), line("comment", ": y"), line("blank", "…"), chunk]),
  );
  const rows = new Rows(capture);
  rows.update();
  assert.equal(summaryOf(capture, rows.list[1]), "块，6 字节 · data: x，: y");
});

test("names of close codes, and reasons, are the page's", () => {
  setWords({ "say.websocket.close": "关闭 {text} {close}", "say.payload": " · {text}", "viewer.close.1000": "正常关闭" });
  const close = (/** @type {string} */ code) =>
    frameText(/** @type {any} */ ({ say: [{ key: "websocket.close", text: code }, { key: "payload", text: "a\n{close}" }] }));
  assert.equal(close("1000"), "关闭 1000 正常关闭 · a\\n{close}");
  assert.equal(frameText(/** @type {any} */ ({ say: [{ key: "websocket.close", text: "4001" }] })), "关闭 4001");
});

test("of two payloads that begin and end alike, the list shows where they differ", async () => {
  const { varyingPart } = await import("./summary.js");
  const token = (/** @type {string} */ text) => `{"id":"chatcmpl-1","choices":[{"delta":{"content":"${text}"}}]}`;
  assert.equal(varyingPart(token("Hello"), token("Help")), "…Hello…");
  assert.equal(varyingPart(token("a"), token("a")), "");
  assert.equal(varyingPart("12", "11"), "");
});
