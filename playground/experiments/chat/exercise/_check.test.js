// @ts-check
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { check } from "./check.js";
import { Capture } from "../../../../static/js/lib/capture.js";
import { failed, Recording, start } from "../../../../static/js/_testing/recording.js";

const tokens = ["", "逐字", "发送 ", "→ go"];
const events = [...tokens.map((content) => JSON.stringify({ choices: [{ delta: { content } }] })), "[DONE]"];
const body = new TextEncoder().encode(events.map((data) => `data: ${data}\n\n`).join(""));

/** Pieces that end inside a character, the second with the ends of two events. */
const ragged = cut(body.indexOf(0xe9) + 1, body.indexOf(0xe2) + 1);

/** Pieces that each are an event. */
const whole = cut(...Array.from(body.keys()).filter((i) => i > 1 && body[i - 1] === 10 && body[i - 2] === 10));

/** @param {number[]} places */
function cut(...places) {
  return [0, ...places].map((place, i) => body.slice(place, places[i] ?? body.length)).filter((piece) => piece.length > 0);
}

/**
 * The capture of a POST that was answered with these pieces, a chunk each.
 * @param {Uint8Array[]} pieces
 */
function captured(pieces, method = "POST") {
  const capture = new Capture();
  const common = { connection: 1, exchange: 1, at: new Date(start).toISOString(), length: 1 };
  const field = (/** @type {string} */ name, /** @type {string} */ value) => ({ name, value, offset: 0, length: 1 });
  const frames = [
    { ...common, from: "client", offset: 0, protocol: "http1", kind: "request", fields: [field("http.request.method", method)] },
    {
      ...common, from: "server", offset: 0, protocol: "http1", kind: "response",
      fields: [field("http.response.code", "200"), field("http.content_type", "text/event-stream")],
    },
  ];

  // Where each byte of the body is on the wire: five bytes lie between chunks.
  const gap = new Uint8Array(5);
  const wire = pieces.flatMap((piece) => [...gap, ...piece]);
  const places = pieces.flatMap((piece, n) => Array.from(piece, (_, i) => ({ n, at: 0, i })));
  places.forEach((place, i) => (place.at = i + gap.length * (place.n + 1)));
  let begin = 0;
  for (const data of events) {
    const line = places.slice(begin, begin + new TextEncoder().encode(`data: ${data}`).length);
    begin += line.length + 2;
    const numbers = [...new Set(line.map(({ n }) => n))];
    const fields = numbers.map((n, i) => ({
      ...field("sse.data", data),
      offset: (line.find((place) => place.n === n)?.at ?? 0) - line[0].at,
      ...(numbers.length > 1 && { piece: i + 1, pieces: numbers.length }),
    }));
    if (places[begin - 1]) {
      frames.push({ ...common, from: "server", offset: line[0].at, protocol: "sse", kind: "field", fields });
      const event = { type: "message", data, lastEventId: "" };
      frames.push(/** @type {any} */ ({ ...common, from: "server", offset: 0, protocol: "sse", kind: "blank", fields: [], sse: { event } }));
    }
  }
  const server = Buffer.from(wire).toString("base64");
  capture.apply({ connections: [{ number: 1, server }], frames });
  return capture;
}

/**
 * What a program reports when the network gives it these pieces.
 * @param {string} code
 * @param {Uint8Array[]} pieces
 */
async function run(code, pieces) {
  /** @type {any[]} */
  const reports = [];
  const fetch = async () => new Response(/** @type {any} */ (ReadableStream).from(pieces), { headers: { "Content-Type": "text/event-stream" } });
  const report = (/** @type {any} */ value) => reports.push({ side: "sse", at: start, kind: "report", value });
  const Program = Object.getPrototypeOf(run).constructor;
  try {
    await new Program("url", "controls", "fetch", "log", "report", code)("", { prompt: "?" }, fetch, () => {}, report);
  } catch (error) {
    reports.push({ side: "sse", at: start, kind: "throw", message: String(error) });
  }
  return reports;
}

/** @param {unknown} value */
function reported(value) {
  return [{ side: /** @type {const} */ ("sse"), at: start, kind: "report", value }];
}

test("the solution passes", async () => {
  const code = await readFile(new URL("solution.js", import.meta.url), "utf8");
  const reports = await run(code, ragged);
  const verdict = check({ capture: captured(ragged), reports, controls: {} });
  assert.deepEqual(failed(verdict), []);
  assert.deepEqual(verdict.checks[1].args, { events: 2, characters: 2 });
  assert.equal(verdict.hint, 0);
});

test("the solution reads any event stream, not only this server's", async () => {
  const code = await readFile(new URL("solution.js", import.meta.url), "utf8");
  const text = new TextDecoder().decode(body);
  const [first] = events;
  const streams = [
    text.replaceAll("\n", "\r"),
    text.replaceAll("\n", "\r\n"),
    text.replaceAll("data: ", "data:"),
    `: a comment\n\nid: 1\nevent: message\n${text}`,
    text.replace(first, first.replace(":", ":\ndata: ")),
    text.replace("data: [DONE]", 'data: {"choices":[]}\n\ndata: [DONE]'),
  ];
  for (const stream of streams) {
    const bytes = new TextEncoder().encode(stream);
    const [report] = await run(code, Array.from(bytes, (_, i) => bytes.subarray(i, i + 1)));
    assert.equal(report.value, tokens.join(""), JSON.stringify(stream));
  }
});

test("what the playground runs passes for a reader too", async () => {
  const code = await readFile(new URL("../fetch.js", import.meta.url), "utf8");
  const reports = await run(code.replace("log(answer)", "report(answer)"), ragged);
  assert.deepEqual(failed(check({ capture: captured(ragged), reports, controls: {} })), []);
});

test("the starter throws", async () => {
  const reports = await run(await readFile(new URL("start.js", import.meta.url), "utf8"), ragged);
  assert.deepEqual(reports.map(({ kind }) => kind), ["throw"]);
  const verdict = check({ capture: captured(ragged), reports, controls: {} });
  assert.deepEqual(failed(verdict), ["silent"]);
  assert.equal(verdict.hint, 2);
});

test("the starter is right where each read is an event, and that is not enough", async () => {
  const reports = await run(await readFile(new URL("start.js", import.meta.url), "utf8"), whole);
  assert.deepEqual(failed(check({ capture: captured(whole), reports, controls: {} })), ["uncut"]);
});

test("a decoder for each read", async () => {
  const solution = await readFile(new URL("solution.js", import.meta.url), "utf8");
  const reports = await run(solution.replace("decoder.decode(value, { stream: true })", "new TextDecoder().decode(value)"), ragged);
  const verdict = check({ capture: captured(ragged), reports, controls: {} });
  assert.deepEqual(failed(verdict), ["!different"]);
  assert.equal(verdict.checks[2].args.place, 1);
  assert.equal(verdict.checks[2].args.expected, "逐字发送 → go");
  assert.equal(verdict.hint, 1);
});

test("an event a read", async () => {
  const solution = await readFile(new URL("solution.js", import.meta.url), "utf8");
  const reports = await run(solution.replace("rest + more", "more"), ragged);
  const verdict = check({ capture: captured(ragged), reports, controls: {} });
  assert.deepEqual(failed(verdict), ["!different"]);
  assert.equal(verdict.hint, 2);
});

test("more than there was", () => {
  const verdict = check({ capture: captured(ragged), reports: reported("逐字发送 → go!"), controls: {} });
  assert.deepEqual(failed(verdict), ["!different"]);
  assert.deepEqual(verdict.checks[2].args, { place: 10, expected: "", seen: "!" });
});

test("something else than a text", () => {
  assert.deepEqual(failed(check({ capture: captured(ragged), reports: reported(tokens), controls: {} })), ["!different"]);
});

test("nothing is reported", () => {
  const verdict = check({ capture: captured(ragged), reports: [], controls: {} });
  assert.deepEqual(failed(verdict), ["silent"]);
  assert.equal(verdict.hint, 3);
});

test("the stream was left before its end", () => {
  const verdict = check({ capture: captured(ragged.slice(0, 2)), reports: reported("逐字发送 "), controls: {} });
  assert.deepEqual(failed(verdict), ["unfinished", "!early"]);
});

test("the text is made up, and reported before it came", () => {
  const verdict = check({ capture: captured(ragged), reports: [{ ...reported("逐字发送 → go")[0], at: start - 100 }], controls: {} });
  assert.deepEqual(failed(verdict), ["!early"]);
  assert.deepEqual(verdict.checks[2].args, { events: 0 });
  assert.equal(verdict.hint, 3);
});

test("the answer so far at each read, or the answer twice", () => {
  const of = (/** @type {string[]} */ ...texts) => check({ capture: captured(ragged), reports: texts.flatMap(reported), controls: {} });
  assert.deepEqual(failed(of("逐字", "逐字发送 → go")), ["!different"]);
  assert.deepEqual(failed(of("逐字发送 → go", "逐字发送 → go")), ["!again"]);
});

/** What another connection brings to a run in which the stream was read. @param {(recording: Recording) => Recording} more */
function beside(more) {
  const recording = new Recording();
  recording.capture = captured(ragged);
  return failed(check({ capture: more(recording).capture, reports: reported("逐字发送 → go"), controls: {} }));
}

test("the text came another way, and the stream was only read to its end", () => {
  assert.deepEqual(beside((recording) => recording.socket(2, -10, "/play/chat/ws")), ["!socket"]);
  assert.deepEqual(beside((recording) => recording.request(2, -10, "POST /play/chat/sse").response(2, -9, 200, "application/json").lastChunk(2, -8)), ["!whole"]);
  assert.deepEqual(beside((recording) => recording.request(2, -10, "POST /play/chat/sse").response(2, -9, 200, "text/event-stream").event(2, -8, "[DONE]").lastChunk(2, -7)), ["!whole"]);
  assert.deepEqual(beside((recording) => recording.request(2, -10, "OPTIONS /play/chat/sse").response(2, -9, 204)), []);
});

test("EventSource is no answer: it can't POST", () => {
  assert.deepEqual(failed(check({ capture: captured(ragged, "GET"), reports: reported("逐字发送 → go"), controls: {} })), ["absent", "!early"]);
});
