// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { findings } from "./findings.js";
import { brief, Recording, reports, start } from "../../../static/js/_testing/recording.js";

const controls = { fault: "end", after: 6, then: "nothing", stop: 0, patience: 2000, every: 150, moments: "fixed" };

/** @param {Recording} recording @param {object} [more] controls */
function found(recording, more) {
  const list = reports("sse", [[5000, "log", {}]]);
  return brief(findings({ capture: recording.capture, reports: list, controls: { ...controls, ...more }, started: start }));
}

/** @param {number} n */
const token = (n) => JSON.stringify({ n, text: "x" });

/** An event stream with tokens every 100 ms. @param {number} from @param {number} to */
function stream(from, to, recording = new Recording(), { connection = 1, at = 0, attempt = 1 } = {}) {
  recording.request(connection, at, `POST /play/broken/sse?attempt=${attempt}`).response(connection, at + 1, 200, "text/event-stream");
  for (let n = from; n <= to; n++) recording.event(connection, at + (n - from + 1) * 100, token(n), { id: String(n) });
  return recording;
}

/** A socket with tokens every 100 ms. @param {number} to */
function socket(to) {
  const recording = new Recording().socket(1, 0, "/play/broken/ws?attempt=1");
  for (let n = 1; n <= to; n++) recording.text(1, n * 100, "server", token(n));
  return recording;
}

test("before the first token there is a status, on a socket only on the wire", () => {
  const refused = new Recording().request(1, 0, "POST /play/broken/sse").response(1, 5, 401, "application/json");
  assert.deepEqual(found(refused), [["sse", "cut", "refused", 5, { status: 401, code: 1006 }]]);
  const later = new Recording().request(1, 0, "POST /play/broken/sse");
  later.frame(1, "server", 5, "http1", "response", 150, { "http.response.code": "429", "http.retry_after": "1" });
  assert.deepEqual(found(later), [["sse", "cut", "later", 5, { status: 429, seconds: "1" }]]);
  const handshake = new Recording().request(1, 0, "GET /play/broken/ws", { "http.upgrade": "websocket" }).response(1, 5, 401);
  assert.deepEqual(found(handshake), [["ws", "cut", "ws_refused", 5, { status: 401, code: 1006 }]]);
  assert.deepEqual(found(new Recording().request(1, 0, "OPTIONS /play/broken/sse").response(1, 5, 204)), []);
});

test("how a stream ended", () => {
  const error = '{"error":{"message":"?"}}';
  assert.deepEqual(found(stream(1, 2).event(1, 300, '{"message":"?"}', { type: "error" }).lastChunk(1, 301)), [["sse", "cut", "event", 300, { tokens: 2, code: 1006 }]]);
  assert.deepEqual(found(stream(1, 2).event(1, 300, error).lastChunk(1, 301)), [["sse", "cut", "data", 300, { tokens: 2, code: 1006 }]]);
  assert.deepEqual(found(stream(1, 2).end(1, 300, "server", "reset")), [["sse", "cut", "cut", 300, { tokens: 2, code: 1006 }]]);
  assert.deepEqual(found(stream(1, 2).lastChunk(1, 300)), [["sse", "cut", "end", 300, { tokens: 2, code: 1006 }]]);
  const page = stream(1, 2).frame(1, "server", 250, "sse", "ignored", 8, { "sse.field": "<html>" }).lastChunk(1, 300);
  assert.deepEqual(found(page), [["sse", "cut", "page", 300, { tokens: 2, code: 1006 }]]);
  assert.deepEqual(found(stream(1, 2).event(1, 300, '{"finish":"stop"}').event(1, 301, "[DONE]").lastChunk(1, 302)), [["sse", "good", "whole", 301, { tokens: 2 }]]);
  assert.deepEqual(found(stream(1, 2).event(1, 300, '{"finish":"length"}').event(1, 301, "[DONE]").lastChunk(1, 302)), [["sse", "note", "length", 301, { tokens: 2 }]]);
});

test("how a socket ended", () => {
  assert.deepEqual(found(socket(2).close(1, 300, "server", 1000)), [["ws", "cut", "ws_end", 300, { tokens: 2, code: 1000 }]]);
  assert.deepEqual(found(socket(0).close(1, 300, "server", 1013)), [["ws", "cut", "ws_later", 300, { tokens: 0, code: 1013 }]]);
  assert.deepEqual(found(socket(2).close(1, 300, "server", 1011)), [["ws", "cut", "ws_code", 300, { tokens: 2, code: 1011 }]]);
  assert.deepEqual(found(socket(2).end(1, 300, "server", "reset")), [["ws", "cut", "ws_cut", 300, { tokens: 2, code: 1006 }]]);
  assert.deepEqual(found(socket(2).text(1, 300, "server", '{"error":{}}').close(1, 301, "server", 1000)), [["ws", "cut", "ws_message", 300, { tokens: 2, code: 1000 }]]);
  const page = socket(2).frame(1, "server", 250, "websocket", "unknown", 8, {});
  Object.assign(page.capture.frames.at(-1) ?? {}, { violations: [{ code: "opcode", section: "§5.2", message: "?" }] });
  assert.deepEqual(found(page.end(1, 300, "server", "fin")), [["ws", "cut", "ws_page", 300, { tokens: 2, code: 1006 }]]);
});

test("silence is a gap up to the client's end; slow is one that more follows", () => {
  assert.deepEqual(found(stream(1, 2)), []); // it is not over
  assert.deepEqual(found(stream(1, 2).end(1, 2200, "client", "fin")), [["sse", "gap", "silence", 200, 2200, { ms: 2000 }]]);
  const slow = stream(1, 2).event(1, 1300, token(3)).event(1, 1400, "[DONE]").lastChunk(1, 1401);
  assert.deepEqual(found(slow), [["sse", "gap", "slow", 200, 1300, { ms: 1100 }], ["sse", "good", "whole", 1400, { tokens: 3 }]]);
  // A client that leaves at once has stopped.
  assert.deepEqual(found(stream(1, 2).end(1, 210, "client", "reset").end(1, 213, "server", "fin")), [["sse", "note", "stopped", 210, { ms: 3, tokens: 2 }]]);
});

test("a client that gives up before the first token, or waits less than the tokens are apart", () => {
  const early = new Recording().request(1, 0, "POST /play/broken/sse").response(1, 1, 200, "text/event-stream").end(1, 2001, "client", "fin");
  assert.deepEqual(found(early, { every: 2000 }), [["sse", "gap", "silence", 1, 2001, { ms: 2000 }]]);
  assert.deepEqual(found(stream(1, 2).end(1, 2300, "client", "fin"), { every: 1000 }), [["sse", "gap", "silence", 200, 2300, { ms: 2100 }]]);
  assert.deepEqual(found(stream(1, 2).end(1, 400, "client", "fin"), { patience: 200 }), [["sse", "gap", "silence", 200, 400, { ms: 200 }]]);
});

test("a client that stops, and one that is stopped in a pause, have not given up", () => {
  assert.deepEqual(found(stream(1, 2).end(1, 3200, "client", "fin"), { stop: 2 }), [["sse", "note", "left", 3200, { ms: 0, tokens: 2 }]]); // a slow machine
  assert.deepEqual(found(stream(1, 2).end(1, 1100, "client", "fin")), [["sse", "note", "left", 1100, { ms: 0, tokens: 2 }]]);
  const later = stream(1, 2).event(1, 1300, token(3)).end(1, 1400, "client", "reset").end(1, 1402, "server", "fin");
  assert.deepEqual(found(later).at(-1), ["sse", "note", "stopped", 1400, { ms: 2, tokens: 3 }]);
});

test("a close code that says neither that the answer is over nor that the server failed", () => {
  assert.deepEqual(found(socket(2).close(1, 300, "server", 1001)), [["ws", "cut", "ws_other", 300, { tokens: 2, code: 1001 }]]);
});

test("asking again, where nothing had been answered", () => {
  for (const then of ["again", "key", "resume"]) {
    const recording = new Recording().request(1, 0, "POST /play/broken/sse?attempt=1").response(1, 1, 429, "application/json");
    stream(1, 2, recording, { connection: 2, at: 1000, attempt: 2 });
    assert.deepEqual(found(recording, { then }).map(([, , word]) => word), ["refused", "answered"], then);
  }
});

test("what asking again brought, and what it has cost", () => {
  const bill = (/** @type {Recording} */ recording, /** @type {number} */ at, /** @type {string} */ n) =>
    recording.capture.apply({ log: [{ at: new Date(start + at).toISOString(), path: "/play/broken/sse", event: "made", text: `${n} tokens made`, args: [n] }] });
  for (const [then, from, kind, word, args] of /** @type {const} */ ([["again", 1, "note", "again", {}], ["key", 1, "good", "key", {}], ["resume", 3, "good", "resumed", { after: 2 }]])) {
    const recording = stream(1, 2).end(1, 300, "server", "reset");
    stream(from, 4, recording, { connection: 2, at: 1000, attempt: 2 }).event(2, 1900, "[DONE]").lastChunk(2, 1901);
    bill(recording, 301, "4");
    bill(recording, 1902, then === "again" ? "4" : "0");
    const list = found(recording, { then });
    assert.deepEqual(list.map(([, , word]) => word), ["cut", word, "whole", "bill"]);
    assert.deepEqual(list[1], ["sse", kind, word, 1000, args]);
    assert.deepEqual(list[3].at(-1), { made: then === "again" ? 8 : 4, shown: 4 });
  }
});
