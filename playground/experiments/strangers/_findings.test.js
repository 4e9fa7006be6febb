// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { findings } from "./findings.js";
import { brief, Recording, reports, start } from "../../../static/js/_testing/recording.js";

const stranger = "http://localhost:2";
const balance = "Hello Ada, your balance is 1200.";

/** @param {Recording} recording @param {object} controls @param {any[]} told */
function found(recording, controls = {}, told = []) {
  const all = { origin: "port", note: "hi", size: 5, ...controls };
  return brief(findings({ capture: recording.capture, reports: told, controls: all, started: start }));
}

/**
 * A stream with these events, asked for by a page of an origin.
 * @param {[data: string, type?: string][]} notes
 * @param {{allow?: string, greeting?: string, id?: string}} [more]
 */
function stream(notes, { allow, greeting = balance, id } = {}) {
  const recording = new Recording().request(1, 0, "GET /play/strangers/sse", { "http.origin": stranger, "http.cookie": "visitor=ada" });
  recording.frame(1, "server", 1, "http1", "response", 150, {
    "http.response.code": "200",
    "http.content_type": "text/event-stream",
    ...(allow && { "http.access_control_allow_origin": allow }),
  });
  recording.event(1, 2, greeting);
  notes.forEach(([data, type], i) => recording.event(1, 10 + i, data, { type, id }));
  return recording.event(1, 20, "That was all.", { id });
}

/** A page that got the stream's events. */
const got = reports("sse", [[3, "message", { type: "message", data: balance }]]);

test("the visitor signs in", () => {
  const recording = new Recording().request(1, 0, "POST /play/strangers/visit");
  recording.frame(1, "server", 1, "http1", "response", 150, {
    "http.response.code": "204",
    "http.set_cookie": "visitor=ada; Path=/play/strangers/; Max-Age=600; HttpOnly; SameSite=Lax",
  });
  assert.deepEqual(found(recording), [["sse", "note", "signed_in", 1, { cookie: "visitor=ada", site: "SameSite=Lax" }]]);
});

test("an answer is kept from the page, for one of three reasons", () => {
  const args = { origin: stranger, text: balance };
  const error = reports("sse", [[3, "error", { readyState: 2 }]]);
  assert.deepEqual(found(stream([["hi"]]), {}, error), [["sse", "good", "kept_none", 2, args]]);
  assert.deepEqual(found(stream([["hi"]], { allow: "*" }), {}, error), [["sse", "good", "kept_star", 2, args]]);
  assert.deepEqual(found(stream([["hi"]], { allow: "http://localhost:1" }), {}, error), [["sse", "good", "kept_other", 2, args]]);
});

test("what the browser has not spoken of is not said to be kept, also where the run was stopped or its program ended", () => {
  assert.deepEqual(found(stream([["hi"]]), {}, []), []);
  const run = { capture: stream([["hi"]]).capture, reports: [], controls: { origin: "port" }, started: start, ended: start + 21 };
  assert.deepEqual(findings(run), []);
  assert.deepEqual(findings({ ...run, reports: reports("sse", [[2, "end"]]) }), []);
});

test("a stranger reads what it was allowed to, and the site's own page may", () => {
  const args = { origin: stranger, text: balance };
  assert.deepEqual(found(stream([["hi"]]), {}, got), [["sse", "cut", "read", 2, args]]);
  assert.deepEqual(found(stream([["hi"]]), { origin: "own" }, got), [["sse", "good", "own", 2, args]]);
  const greeting = "Hello stranger, please sign in.";
  assert.deepEqual(found(stream([["hi"]], { greeting }), {}, got), [["sse", "note", "nobody", 2, { origin: stranger, text: greeting }]]);
});

/** @param {[data: string, type?: string][]} notes @param {string} note @param {object} [more] */
function ofNote(notes, note, more) {
  return found(stream(notes, more), { origin: "own", note }, got).slice(1);
}

test("what a note can be on the stream", () => {
  assert.deepEqual(ofNote([["hi"]], "hi"), []);
  assert.deepEqual(ofNote([["hi\nyou"]], "hi\nyou"), [["sse", "good", "whole", 10, { lines: 2 }]]);
  assert.deepEqual(ofNote([["hi"]], "hi\nyou"), [["sse", "cut", "rest", 10, { text: "hi" }]]);
  assert.deepEqual(ofNote([["hi"], ["you"]], "hi\n\ndata: you"), [["sse", "cut", "split", 10, { events: 2 }]]);
  assert.deepEqual(ofNote([], ""), [["sse", "cut", "split", 20, { events: 0 }]]);
  assert.deepEqual(ofNote([["hi"], ["boo", "admin"]], "…"), [["sse", "cut", "forged", 11, { type: "admin", text: "boo" }]]);
});

test("a note sets the last event ID and the reconnection time", () => {
  const recording = stream([["hi"]], { id: "99" });
  recording.frame(1, "server", 12, "sse", "field", 8, { "sse.retry": "1" });
  assert.deepEqual(found(recording, { origin: "own" }, got).slice(1), [
    ["sse", "cut", "id", 10, { id: "99" }],
    ["sse", "cut", "retry", 12, { ms: "1" }],
  ]);
});

/** @param {number} status @param {string[]} messages */
function socket(status, messages) {
  const recording = new Recording().request(2, 0, "GET /play/strangers/ws", { "http.upgrade": "websocket", "http.origin": stranger });
  recording.response(2, 1, status);
  messages.forEach((message, i) => recording.text(2, 2 + i, "server", message));
  return recording;
}

/** @param {string} data @param {string} [type] */
const json = (data, type = "message") => JSON.stringify({ type, data });

test("a handshake is refused, or hijacked", () => {
  assert.deepEqual(found(socket(403, [])), [["ws", "good", "refused", 1, { origin: stranger }]]);
  assert.deepEqual(found(socket(403, []), { origin: "own" }), [["ws", "note", "refused", 1, { origin: stranger }]]);
  const args = { origin: stranger, text: balance };
  assert.deepEqual(found(socket(101, [json(balance), json("hi"), json("That was all.")])), [["ws", "cut", "hijacked", 2, args]]);
  assert.deepEqual(found(socket(101, [json(balance)]), { origin: "own" }), [["ws", "good", "own", 2, args]]);
});

test("what a note can be in a message", () => {
  const ofNote = (/** @type {string} */ message, /** @type {string} */ note) =>
    found(socket(101, [json(balance), message, json("That was all.")]), { origin: "own", note }).slice(1);
  assert.deepEqual(ofNote(json("hi"), "hi"), []);
  assert.deepEqual(ofNote(json("hi\r\nyou"), "hi\nyou"), [["ws", "good", "whole_message", 3, { lines: 2 }]]);
  assert.deepEqual(ofNote('{"type":"message","data":"hi\nyou"}', "hi\nyou"), [["ws", "cut", "broken", 3, {}]]);
  assert.deepEqual(ofNote(json("hi", "admin"), "…"), [["ws", "cut", "forged", 3, { type: "admin", text: "hi" }]]);
});

test("a reply that is too large, on either side", () => {
  const recording = socket(101, [json(balance)]).close(2, 9, "server", 1009);
  recording.request(3, 5, "POST /play/strangers/send").frame(3, "client", 5, "http1", "body", 5000, {}).response(3, 6, 413);
  assert.deepEqual(found(recording, { origin: "own", size: 5000 }).slice(1), [
    ["sse", "good", "too_large", 6, { origin: "–", bytes: 5000, status: 413 }],
    ["ws", "good", "closed_1009", 9, { bytes: 5000 }],
  ]);
});

test("a stranger's POST is refused, or taken for the visitor's", () => {
  const post = (/** @type {number} */ status) =>
    new Recording()
      .request(3, 5, "POST /play/strangers/send", { "http.origin": stranger, "http.cookie": "visitor=ada" })
      .frame(3, "client", 5, "http1", "body", 5, {})
      .response(3, 6, status);
  const args = { origin: stranger, bytes: 5 };
  assert.deepEqual(found(post(200)), [["sse", "cut", "post_taken", 6, { ...args, status: 200 }]]);
  assert.deepEqual(found(post(403)), [["sse", "good", "post_refused", 6, { ...args, status: 403 }]]);
  assert.deepEqual(found(post(200), { origin: "own" }), []);
});

test("nothing was asked", () => {
  assert.deepEqual(found(new Recording()), []);
});
