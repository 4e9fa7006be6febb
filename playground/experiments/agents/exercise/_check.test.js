// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { check } from "./check.js";
import { failed, Recording, reports, start } from "../../../../static/js/_testing/recording.js";

const text = "Train 7: a seat by the aisle is booked. Bookings: 1.";
const result = JSON.stringify({ id: 2, result: { content: [{ text }] } });

/**
 * A call that was lost after event 1-4, and what came of it.
 * @param {{id?: string | null, status?: number, brings?: string, lost?: boolean, runs?: number, more?: (recording: Recording) => void}} [as] id of the GET: "" for a GET without, null for none
 */
function run({ id = "1-4", status = 200, brings = status === 200 ? result : "", lost = true, runs = 1, more = () => {} } = {}) {
  const recording = new Recording();
  recording.request(1, 0, "POST /play/agents/sse").response(1, 1, 200, "text/event-stream").event(1, 2, "", { id: "1-0" });
  recording.event(1, 10, '{"method":"notifications/progress"}', { id: "1-4" });
  if (lost) recording.end(1, 20, "server", "reset");
  if (id !== null) {
    recording.request(2, 100, "GET /play/agents/sse", id ? { "http.last_event_id": id } : {}).response(2, 101, status, status === 200 ? "text/event-stream" : "application/json");
    if (brings) recording.event(2, 110, brings, { id: "1-6" });
  }
  more(recording);
  const log = Array.from({ length: runs }, (_, i) => ({ at: new Date(start + i).toISOString(), path: "/play/agents/sse", event: "tool-started", text: "" }));
  recording.capture.apply({ log });
  return recording.capture;
}

/** @param {any} capture @param {[number, any][]} list */
function judge(capture, ...list) {
  return check({ capture, reports: reports("sse", list.map(([at, value]) => [at, "report", { value }])), controls: {} });
}

test("the result was fetched, and the tool has run once", () => {
  assert.deepEqual(failed(judge(run(), [120, text])), []);
  assert.deepEqual(failed(judge(run(), [120, JSON.parse(result).result])), []);
});

test("nothing has happened yet, or nothing was lost", () => {
  assert.deepEqual(failed(judge(new Recording().capture)), ["whole", "waiting"]);
  assert.deepEqual(failed(judge(run({ lost: false, id: null }))), ["whole", "waiting"]);
});

test("the client does not come back, or without saying where it was", () => {
  const alone = judge(run({ id: null }));
  assert.deepEqual(failed(alone), ["alone", "waiting"]);
  assert.equal(alone.hint, 1);
  const unnamed = judge(run({ id: "", brings: "" }));
  assert.deepEqual(failed(unnamed), ["unnamed", "waiting"]);
  assert.equal(unnamed.hint, 2);
});

test("the GET is refused, because it does not carry the session, or the session is over", () => {
  for (const id of ["1-4", ""]) {
    const verdict = judge(run({ id, status: 400 }));
    assert.deepEqual(failed(verdict), ["!refused", "waiting"]);
    assert.equal(verdict.hint, 2);
  }
  assert.deepEqual(failed(judge(run({ status: 503 }))), ["refused", "waiting"]); // there may be room later
});

test("it calls the tool again", () => {
  const more = (/** @type {Recording} */ recording) => recording.request(3, 200, "POST /play/agents/sse").response(3, 201, 200, "text/event-stream").event(3, 300, result, { id: "2-6" });
  const verdict = judge(run({ id: null, runs: 2, more }), [310, text]);
  assert.deepEqual(failed(verdict), ["!twice", "alone"]);
  assert.equal(verdict.checks[1].place?.connection, 3);
  assert.equal(verdict.hint, 3);
});

test("the ID is made up, or has not come", () => {
  for (const id of ["1-5", "0-0", "4"]) assert.deepEqual(failed(judge(run({ id, brings: "" }))), ["!unknown", "waiting"]);
});

test("it goes on from too early, and the question comes again", () => {
  const question = '{"id":"question-1","method":"elicitation/create"}';
  const more = (/** @type {Recording} */ recording) => recording.event(1, 15, question, { id: "1-3" }).event(2, 115, question, { id: "1-3" });
  assert.deepEqual(failed(judge(run({ id: "1-0", more }), [120, text])), ["!asked"]);
});

test("what is reported is made up, too early, missing or there twice", () => {
  assert.deepEqual(failed(judge(run(), [120, "booked"])), ["!early"]);
  assert.deepEqual(failed(judge(run(), [15, text])), ["!early"]);
  assert.deepEqual(failed(judge(run())), ["silent"]);
  assert.deepEqual(failed(judge(run(), [120, text], [121, text])), ["!again"]);
});

test("a WebSocket is another exercise", () => {
  assert.deepEqual(failed(judge(run({ more: (recording) => recording.socket(5, 0, "/play/agents/ws") }), [120, text])), ["!only_sse"]);
});
