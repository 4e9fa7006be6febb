// @ts-check
import assert from "node:assert/strict";
import test from "node:test";
import { answerTo, handshakeOf } from "./accept.js";
import { framesOfMessage, textOfMessage } from "./message.js";
import { sha1 } from "./sha1.js";
import { stepsOf, subjectsOf } from "./story.js";
import { Facts } from "../../timeline/facts.js";
import { Capture } from "../../../lib/capture.js";
import { Rows } from "../../../lib/framerows.js";
import { setWords } from "../../../lib/words.js";
import * as make from "../../../_testing/documents.js";

/** @param {object[]} connections @param {any[]} frames */
function given(connections, frames) {
  const capture = new Capture();
  capture.apply(make.document(connections, frames));
  const rows = new Rows(capture);
  rows.update();
  return { capture, rows: rows.list };
}

/** @param {Capture} capture @param {import("../../../lib/framerows.js").Row} row @param {any[]} reports */
function stepsIn(capture, row, reports) {
  const facts = new Facts(capture);
  facts.update(reports);
  return subjectsOf(capture, row).map((subject) => stepsOf(capture, subject, facts, reports));
}

const words = (/** @type {{word: string}[]} */ steps) => steps.map((step) => step.word);

test("SHA-1: the examples of RFC 3174 §7.3, and lengths around a block's", () => {
  const digest = (/** @type {string} */ text) => Buffer.from(sha1(Buffer.from(text))).toString("hex");
  assert.equal(digest("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
  assert.equal(digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"), "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
  assert.equal(digest(""), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  assert.equal(digest("a".repeat(55)), "c1c8bbdc22796e28c0e15163d20899b65621d65a");
  assert.equal(digest("a".repeat(64)), "0098ba824b5c16427bd7a1122a5a442a25ec644d");
});

test("RFC 6455 §1.3: the answer to the example's key", () => {
  assert.equal(answerTo("dGhlIHNhbXBsZSBub25jZQ==").accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
});

test("request and answer of a handshake find each other", () => {
  const head = (/** @type {"client"|"server"} */ from, /** @type {string} */ kind, /** @type {[string, string][]} */ parts) =>
    make.frame(1, from, 0, 0, `http1/${kind}`, parts);
  const { capture } = given([], [
    head("client", "request", [["http.sec_websocket_key", "k"]]),
    head("server", "response", [["http.sec_websocket_accept", "a"]]),
    make.textFrame(1, 1, 9, "x"),
  ]);
  assert.deepEqual(handshakeOf(capture, capture.frames[0]), { key: "k", accept: "a" });
  assert.deepEqual(handshakeOf(capture, capture.frames[1]), { key: "k", accept: "a" });
  assert.equal(handshakeOf(capture, capture.frames[2]), undefined);
});

/** 你 in two fragments with a Ping between them, and a message after it. */
function fragments() {
  const bytes = Buffer.from("你").toString("latin1");
  const part = (/** @type {string} */ kind, /** @type {string} */ fin, /** @type {number} */ offset, /** @type {number} */ length) => ({
    ...make.textFrame(1, offset, offset, "x".repeat(length)),
    kind,
    fields: [
      { name: "websocket.fin", offset: 0, length: 1, mask: "80", value: fin },
      { name: "websocket.payload_length", offset: 1, length: 1, value: String(length) },
      { name: "websocket.payload", offset: 2, length, value: "�" },
    ],
  });
  const frames = [
    { ...part("text", "0", 0, 2), message: { first: 0, fragment: 1, length: 2 } },
    part("ping", "1", 4, 0),
    { ...part("continuation", "1", 6, 1), message: { first: 0, fragment: 2, length: 3 } },
    make.textFrame(1, 9, 9, "next"),
  ];
  const wire = Buffer.from("\x01\x02" + bytes.slice(0, 2) + "\x89\x00" + "\x80\x01" + bytes.slice(2), "latin1");
  const connection = { ...make.connection(1, { client: "x" }), server: wire.toString("base64") };
  return given([connection], frames);
}

test("fragments add up, with the characters that they cut and the frames between them", () => {
  const { capture } = fragments();
  for (const frame of [capture.frames[0], capture.frames[2]]) {
    assert.deepEqual(framesOfMessage(capture, frame).map(({ kind }) => kind), ["text", "ping", "continuation"]);
  }
  assert.equal(textOfMessage(capture, [capture.frames[0], capture.frames[2]]), "你");
  assert.deepEqual(framesOfMessage(capture, capture.frames[3]), [capture.frames[3]], "a message in one frame");
});

test("an event is followed from its chunk to what the handler logs", () => {
  setWords({});
  const { capture, rows } = given([make.connection(1, { client: "GET" })], [
    make.request(1, 0, "text/event-stream"),
    make.chunkedHead(1, 1),
    ...make.eventChunk(1, 5, 12, "2"),
  ]);
  capture.clockOffset = 1000;
  const browser = make.time(0) - 1000;
  const reports = [
    { side: "sse", kind: "message", at: browser + 7, type: "message", data: "2", lastEventId: "2" },
    { side: "ws", kind: "log", at: browser + 7.5, values: ["the other side's"] },
    { side: "sse", kind: "log", at: browser + 8, values: ["got", "2"] },
  ];
  const chunk = rows.find((row) => row.frames[0]?.kind === "chunk");
  assert.ok(chunk);
  const [steps] = stepsIn(capture, chunk, reports);
  assert.deepEqual(words(steps), ["wrote", "parsed", "dispatched", "logged"]);
  assert.deepEqual(steps.map(({ time }) => time && time - browser), [5, undefined, 7, 8]);
  assert.deepEqual(steps[3].args, { text: "got 2" });

  assert.deepEqual(words(stepsIn(capture, chunk, [])[0]), ["wrote", "parsed", "nobody"]);
});

test("a line that dispatches nothing has no story, and one whose event comes later has that event's", () => {
  const lines = make.eventChunk(1, 5, 0, "2").slice(0, 3);
  const { capture, rows } = given([], lines);
  assert.equal(subjectsOf(capture, rows[0])[0].frame.kind, "blank");
  const quiet = given([], [make.frame(1, "server", 1, 0, "sse/comment", [["sse.comment", "hi"]], { sse: {} })]);
  assert.deepEqual(subjectsOf(quiet.capture, quiet.rows[0]), []);
});

test("a message in fragments arrives with its last", () => {
  const { capture, rows } = fragments();
  const first = rows.find((row) => row.frames[0]?.kind === "text");
  assert.ok(first);
  assert.equal(subjectsOf(capture, first)[0].frame, capture.frames[2]);
});

test("what the code sends is followed up to the server", () => {
  const sent = make.textFrame(1, 5, 0, "hi", "client");
  const { capture, rows } = given([make.connection(1, {})], [sent]);
  const row = rows.find((row) => row.frames.length > 0);
  assert.ok(row);
  const [steps] = stepsIn(capture, row, [{ side: "ws", kind: "send", at: make.time(3), data: "hi" }]);
  assert.deepEqual(words(steps), ["sent", "framed", "received"]);
  assert.deepEqual([steps[0].time, steps[2].time], [make.time(3), make.time(5)]);
});
