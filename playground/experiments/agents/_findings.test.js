// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { findings } from "./findings.js";
import { brief, Recording, start } from "../../../static/js/_testing/recording.js";

/** @param {Recording} recording @param {any[]} [log] */
function found(recording, log = []) {
  recording.capture.apply({ log: log.map(([at, path, event]) => ({ at: new Date(start + at).toISOString(), path: `/play/agents/${path}`, event, text: "" })) });
  return brief(findings({ capture: recording.capture, reports: [], controls: {}, started: start }));
}

const json = {
  progress: '{"method":"notifications/progress"}',
  question: '{"id":"question-1","method":"elicitation/create"}',
  unasked: '{"method":"notifications/message"}',
  result: '{"id":2,"result":{"content":[{"text":"booked"}]}}',
};

/** A call, as far as the question or the second progress. @param {boolean} asks @param {boolean} ids */
function call(asks = true, ids = true) {
  const id = (/** @type {string} */ id) => ({ id: ids ? id : "" });
  const recording = new Recording();
  recording.request(1, 0, "OPTIONS /play/agents/sse").response(1, 1, 204);
  recording.request(2, 10, "GET /play/agents/sse").response(2, 11, 200, "text/event-stream").event(2, 12, "", id("0-0"));
  recording.request(3, 20, "POST /play/agents/sse").response(3, 21, 200, "text/event-stream").event(3, 22, "", id("1-0"));
  recording.event(3, 30, json.progress, id("1-1")).event(2, 35, json.unasked, id("0-1"));
  recording.event(3, 40, asks ? json.question : json.progress, id("1-2"));
  if (asks) recording.request(4, 50, "POST /play/agents/sse").response(4, 51, 202);
  return recording;
}

test("the question comes in the response to the POST, and the answer is a POST", () => {
  const recording = call().event(3, 60, json.result, { id: "1-3" }).lastChunk(3, 61);
  recording.request(4, 70, "DELETE /play/agents/sse").response(4, 71, 204);
  assert.deepEqual(found(recording, [[20, "sse", "tool-started"], [60, "sse", "seat-booked"]]), [
    ["sse", "note", "unasked_get", 35, {}],
    ["sse", "note", "question_post", 40, { id: "1-2" }],
    ["sse", "note", "answer_post", 50, { bytes: 200 }],
    ["sse", "good", "deleted", 70, { requests: 4, connections: 3 }],
  ]);
});

test("a lost stream that nobody asks for, while the tool goes on", () => {
  const recording = call().event(3, 55, json.progress, { id: "1-3" }).end(3, 60, "server", "reset");
  const list = found(recording, [[20, "sse", "tool-started"], [90, "sse", "seat-booked"]]);
  assert.deepEqual(list.slice(3), [
    ["sse", "cut", "reset", 60, { id: "1-3" }],
    ["sse", "gap", "nobody", 60, 90, {}],
    ["sse", "note", "went_on", 90, {}],
  ]);
});

test("a stream that ends, is asked for again, and brings the question then", () => {
  const recording = call(false).lastChunk(3, 45);
  recording.request(5, 80, "GET /play/agents/sse", { "http.last_event_id": "1-2" }).response(5, 81, 200, "text/event-stream").event(5, 82, json.question, { id: "1-3" });
  assert.deepEqual(found(recording), [
    ["sse", "note", "unasked_get", 35, {}],
    ["sse", "cut", "ended", 45, { id: "1-2" }],
    ["sse", "good", "resumed", 80, { id: "1-2" }],
    ["sse", "note", "question_get", 82, { id: "1-3" }],
  ]);
});

test("events without ids, and a client that comes back without one", () => {
  const list = found(call(true, false).end(3, 60, "server", "reset").request(5, 80, "GET /play/agents/sse").response(5, 81, 200, "text/event-stream"));
  assert.deepEqual(list.filter(([, , word]) => !String(word).startsWith("unasked")), [
    ["sse", "note", "question_post_no_id", 40, { id: "" }],
    ["sse", "note", "answer_post", 50, { bytes: 200 }],
    ["sse", "cut", "reset_no_id", 60, { id: "" }],
    ["sse", "note", "return_unnamed", 80, {}],
  ]);
});

test("a connection that is lost before anything was said, and a return that is refused", () => {
  const recording = new Recording().request(3, 20, "POST /play/agents/sse").response(3, 21, 200, "text/event-stream").event(3, 22, "", { id: "1-0" }).end(3, 30, "server", "reset");
  recording.request(5, 80, "GET /play/agents/sse", { "http.last_event_id": "1-0" }).response(5, 81, 404, "application/json");
  assert.deepEqual(found(recording), [
    ["sse", "cut", "reset", 30, { id: "1-0" }],
    ["sse", "cut", "return_refused", 80, { status: 404 }],
  ]);
});

test("a tool that runs three times", () => {
  const list = found(call(), [[20, "sse", "tool-started"], [70, "sse", "tool-started"], [90, "sse", "tool-started"]]);
  assert.deepEqual(list.slice(-2), [
    ["sse", "cut", "twice", 70, { runs: 2 }],
    ["sse", "cut", "twice", 90, { runs: 3 }],
  ]);
});

test("a tool that runs twice", () => {
  const list = found(call(), [[20, "sse", "tool-started"], [70, "sse", "tool-started"], [30, "ws", "tool-started"]]);
  assert.deepEqual(list.at(-1), ["sse", "cut", "twice", 70, { runs: 2 }]);
});

/** A socket, as far as the answer. */
function socket() {
  const recording = new Recording().socket(1, 0, "/play/agents/ws");
  recording.text(1, 5, "client", "{}").text(1, 6, "server", '{"id":1,"result":{}}').text(1, 8, "server", json.unasked);
  return recording.text(1, 10, "server", json.question).text(1, 20, "client", '{"id":"question-1","result":{}}');
}

test("on a WebSocket everything is on one connection", () => {
  const recording = socket().text(1, 30, "server", json.result).close(1, 31, "client", 1000).close(1, 32, "server", 1000);
  assert.deepEqual(found(recording), [
    ["ws", "note", "unasked_socket", 8, {}],
    ["ws", "note", "question_socket", 10, { bytes: json.question.length + 2 }],
    ["ws", "note", "answer_socket", 20, { bytes: 37 }],
    ["ws", "good", "one_socket", 31, { messages: 6 }],
  ]);
});

test("a WebSocket that is lost, and one that comes back", () => {
  const lost = socket().end(1, 25, "server", "reset");
  assert.deepEqual(found(lost, [[40, "ws", "seat-booked"]]).slice(3), [
    ["ws", "cut", "socket_lost", 25, { code: 1006 }],
    ["ws", "gap", "nobody", 25, 40, {}],
    ["ws", "note", "went_on", 40, {}],
  ]);
  const back = socket().close(1, 25, "server", 1012).socket(2, 60, "/play/agents/ws?session=s&after=3").text(2, 70, "server", json.result);
  assert.deepEqual(found(back).slice(3), [
    ["ws", "cut", "socket_lost", 25, { code: 1012 }],
    ["ws", "good", "socket_resumed", 60, { after: "3" }],
  ]);
});

test("a WebSocket that comes back as another client, and one that the server ends after the result", () => {
  const anew = socket().end(1, 25, "server", "reset").socket(2, 60, "/play/agents/ws");
  assert.deepEqual(found(anew).at(-1), ["ws", "note", "socket_anew", 60, {}]);
  const over = socket().text(1, 30, "server", json.result).close(1, 31, "server", 1001);
  assert.deepEqual(found(over).at(-1)?.[2], "answer_socket");
});

test("nothing has happened yet", () => {
  assert.deepEqual(found(new Recording()), []);
});

/** The data of a response's event. @param {string} type @param {number} number */
const typed = (type, number) => JSON.stringify({ type, sequence_number: number });

test("a response goes on after the event that came last", () => {
  const recording = new Recording();
  recording.request(1, 10, "POST /v1/responses?attempt=1").response(1, 11, 200, "text/event-stream");
  recording.event(1, 12, typed("response.created", 0)).event(1, 20, typed("response.output_text.delta", 1)).end(1, 30, "server", "reset");
  recording.request(2, 40, "GET /v1/responses/resp_1?stream=true&starting_after=1").response(2, 41, 200, "text/event-stream");
  recording.event(2, 42, typed("response.completed", 2)).lastChunk(2, 43);
  assert.deepEqual(found(recording), [
    ["sse", "cut", "response_lost", 30, { number: 1 }],
    ["sse", "good", "after", 40, { after: "1" }],
    ["sse", "good", "response_ended", 42, { type: "response.completed", number: 2, events: 3 }],
  ]);
});

test("a response that is gone is made again", () => {
  const recording = new Recording();
  recording.request(1, 10, "POST /v1/responses?attempt=1").response(1, 11, 200, "text/event-stream");
  recording.event(1, 12, typed("response.created", 0)).lastChunk(1, 30);
  recording.request(2, 40, "GET /v1/responses/resp_1?stream=true&starting_after=0").response(2, 41, 404, "application/json");
  recording.request(3, 50, "POST /v1/responses?attempt=3").response(3, 51, 200, "text/event-stream");
  recording.event(3, 52, typed("response.created", 0)).event(3, 53, typed("response.failed", 1)).lastChunk(3, 54);
  assert.deepEqual(found(recording), [
    ["sse", "cut", "response_lost", 30, { number: 0 }],
    ["sse", "cut", "response_gone", 40, { status: 404 }],
    ["sse", "note", "response_again", 50, {}],
    ["sse", "cut", "response_failed", 53, { type: "response.failed", number: 1 }],
  ]);
});

test("over a WebSocket a response that was lost is made again", () => {
  const recording = new Recording().socket(1, 10, "/v1/responses?attempt=1").text(1, 12, "server", typed("response.created", 0)).close(1, 30, "server", 1012);
  recording.socket(2, 40, "/v1/responses?attempt=2").text(2, 42, "server", typed("response.created", 0)).text(2, 43, "server", typed("response.completed", 1));
  recording.close(2, 44, "client", 1000);
  assert.deepEqual(found(recording), [
    ["ws", "cut", "response_lost", 30, { number: 0 }],
    ["ws", "note", "response_again", 40, {}],
    ["ws", "good", "response_ended", 43, { type: "response.completed", number: 1, events: 3 }],
  ]);
});
