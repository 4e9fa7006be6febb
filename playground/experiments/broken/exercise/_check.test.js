// @ts-check
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { check } from "./check.js";
import { failed, Recording, reports, start } from "../../../../static/js/_testing/recording.js";

/** @typedef {{ending: string, ask: (recording: Recording, connection: number, at: number) => number}} Fate how an answer ends, and when the client can know */

/** @param {(recording: Recording, connection: number, at: number) => void} end @param {number} [tokens] */
const after = (end, tokens = 2) => (/** @type {Recording} */ recording, /** @type {number} */ connection, /** @type {number} */ at) => {
  recording.response(connection, at + 1, 200, "text/event-stream");
  for (let n = 1; n <= tokens; n++) recording.event(connection, at + n * 60, `{"n":${n},"text":"x"}`);
  end(recording, connection, at + 200);
  return at + 201;
};

/** @type {Record<string, Fate>} */
const fates = {
  whole: { ending: "complete", ask: after((r, c, at) => r.event(c, at, "[DONE]").lastChunk(c, at)) },
  refused: { ending: "refused", ask: (r, c, at) => (r.response(c, at + 1, 429, "application/json"), at + 2) },
  event: { ending: "failed", ask: after((r, c, at) => r.event(c, at, '{"error":{}}', { type: "error" }).lastChunk(c, at)) },
  data: { ending: "failed", ask: after((r, c, at) => r.event(c, at, '{"error":{}}').lastChunk(c, at)) },
  cut: { ending: "broken", ask: after((r, c, at) => r.end(c, at, "server", "reset")) },
  end: { ending: "broken", ask: after((r, c, at) => r.lastChunk(c, at)) },
  html: { ending: "broken", ask: after((r, c, at) => r.frame(c, "server", at, "sse", "ignored", 8, { "sse.field": "<html>" }).lastChunk(c, at)) },
  silence: { ending: "silent", ask: (r, c, at) => (after(() => {})(r, c, at), r.end(c, at + 2621, "client", "fin"), at + 2620) },
  slow: { ending: "complete", ask: after((r, c, at) => r.event(c, at + 1000, "[DONE]").lastChunk(c, at + 1000)) },
};
const order = ["data", "slow", "whole", "silence", "cut", "refused", "html", "event", "end"];

/**
 * A run in which the client says of each answer what `say` makes of it.
 * @param {(fate: string, ending: string, known: number) => [string, number] | undefined} say
 * @param {(recording: Recording) => void} [more]
 * @param {(at: number) => number} [when] it reports what it knows
 */
function judged(say, more, until = Infinity, when = (at) => at) {
  const recording = new Recording();
  /** @type {[number, string, object?][]} */
  const said = [];
  let at = 0;
  for (const [i, name] of order.entries()) {
    recording.request(i + 1, at, `POST /play/broken/sse?attempt=${i + 1}`);
    const known = fates[name].ask(recording, i + 1, at) + (name === "slow" ? 1000 : 0);
    const report = say(name, fates[name].ending, known);
    if (!report) break;
    said.push([when(report[1]), "report", { value: report[0], text: report[0] }]);
    at = Math.max(known, report[1]) + 100;
  }
  more?.(recording);
  return check({ capture: recording.capture, reports: reports("sse", said), controls: {}, until });
}

/** @param {string} which @param {string} ending what is said of it instead @param {number} [sooner] */
const except = (which, ending, sooner = 0) =>
  judged((name, right, known) => (name === which ? [ending, known - sooner] : [right, known + 5]));

test("the right endings pass", () => {
  const verdict = judged((_, ending, known) => [ending, known + 5]);
  assert.deepEqual(failed(verdict), []);
  assert.deepEqual(verdict.checks[0].args, { right: 9, questions: 9 });
});

test("each wrong one is told apart", () => {
  for (const [which, said, word, hint] of /** @type {const} */ ([
    ["refused", "complete", "was_refused", 1],
    ["refused", "broken", "was_refused", 1],
    ["event", "complete", "was_event", 2],
    ["data", "broken", "was_data", 2],
    ["cut", "failed", "was_cut", 2],
    ["end", "complete", "was_ended", 2],
    ["html", "failed", "was_ended", 2],
    ["whole", "broken", "was_complete", 2],
    ["slow", "broken", "was_complete", 2],
    ["silence", "broken", "was_silent", 3],
    ["silence", "complete", "was_silent", 3],
  ])) {
    const verdict = except(which, said);
    assert.deepEqual([failed(verdict), verdict.hint], [["right", "!" + word], hint], which);
  }
});

test("silent is said neither too soon nor too late", () => {
  assert.deepEqual(failed(except("silence", "silent", 1500)), ["right", "!early"]);
  assert.deepEqual(failed(except("silence", "silent", -2000)), []); // it gave up in time
  const { silence } = fates;
  fates.silence = { ending: "silent", ask: (r, c, at) => (after(() => {})(r, c, at), r.end(c, at + 4721, "client", "fin"), at + 4720) };
  assert.deepEqual(failed(except("silence", "silent")), ["right", "!late"]);
  fates.silence = silence;
  assert.deepEqual(failed(except("slow", "silent", 400)), ["right", "!early"]);
  assert.equal(except("slow", "silent", 400).hint, 3);
});

test("an ending that is guessed before it is there", () => {
  for (const which of ["whole", "cut", "end"]) assert.deepEqual(failed(except(which, fates[which].ending, 150)), ["right", "!early"], which);
});

test("a program that hears nothing, and says nothing", () => {
  const mute = (/** @type {number} */ ms) => judged((name, ending, known) => (name === "silence" ? undefined : [ending, known + 5]), undefined, Date.UTC(2026, 10, 22, 8) + ms);
  assert.deepEqual(failed(mute(20_000)), ["right", "!unnoticed"]);
  assert.deepEqual(failed(mute(3_000)), ["right"]);
});

test("questions that are not asked as told", () => {
  const right = (/** @type {string} */ _, /** @type {string} */ ending, /** @type {number} */ known) => /** @type {[string, number]} */ ([ending, known + 5]);
  assert.deepEqual(failed(judged(right, (r) => r.request(20, 90_000, "GET /play/broken/sse?attempt=10").response(20, 90_001, 400))), ["!method"]);
  assert.deepEqual(failed(judged(right, (r) => r.request(20, 90_000, "POST /play/broken/sse?attempt=10").response(20, 90_001, 429))), ["right", "!more"]);
  assert.deepEqual(failed(judged(right, (r) => r.socket(20, 90_000, "/play/broken/ws"))), ["!only_sse"]);
  assert.deepEqual(failed(judged(right, (r) => r.request(20, -10, "OPTIONS /play/broken/sse").response(20, -9, 204))), []);

  const twice = new Recording().request(1, 0, "POST /play/broken/sse").response(1, 1, 429);
  assert.deepEqual(failed(check({ capture: twice.capture, reports: [], controls: {} })), ["right", "!no_attempt"]);
  const none = check({ capture: new Recording().capture, reports: reports("sse", [[5, "report", { value: "complete" }]]), controls: {} });
  assert.deepEqual(failed(none), ["right", "!unasked"]);
});

test("a question that is asked a second time, and one out of order", () => {
  const asks = (/** @type {string[]} */ ...attempts) => {
    const recording = new Recording();
    attempts.forEach((attempt, i) => recording.request(i, i * 100, `POST /play/broken/sse?attempt=${attempt}`).response(i, i * 100 + 1, 429));
    return check({ capture: recording.capture, reports: reports("sse", [[5, "report", { value: "refused" }]]), controls: {}, until: start + 500 });
  };
  const again = asks("1", "2", "2");
  assert.deepEqual(failed(again), ["right", "!repeated"]);
  assert.deepEqual([again.checks[1].args, again.hint], [{ n: 3, attempt: "2" }, 1]);
  assert.deepEqual(failed(asks("1", "3")), ["right", "!order"]);
  assert.deepEqual(failed(asks("0")), ["right", "!order"]);
});

/** Nine questions asked at once, whose endings are reported as they come. */
test("questions that are asked at once", () => {
  const recording = new Recording();
  for (let i = 0; i < 3; i++) recording.request(i, i, `POST /play/broken/sse?attempt=${i + 1}`);
  fates.whole.ask(recording, 0, 10);
  fates.refused.ask(recording, 1, 10);
  fates.cut.ask(recording, 2, 10);
  const said = reports("sse", [[12, "report", { value: "refused", text: "refused" }], [212, "report", { value: "complete", text: "complete" }]]);
  const verdict = check({ capture: recording.capture, reports: said, controls: {}, until: start + 400 });
  assert.deepEqual(failed(verdict), ["right", "!overlap"]);
  assert.deepEqual(verdict.checks[1].args, { n: 1, next: 2 });
});

test("an ending of which nothing is reported, and endings that are all reported in the end", () => {
  const last = (/** @type {number} */ ms) => judged((name, ending, known) => (name === "cut" ? undefined : [ending, known + 5]), undefined, start + ms);
  const verdict = last(20_000);
  assert.deepEqual(failed(verdict), ["right", "unreported"]);
  assert.deepEqual([verdict.checks[1].args, verdict.hint], [{ n: 5, ending: "broken" }, 2]);
  assert.deepEqual(failed(judged((_, ending, known) => [ending, known + 5], undefined, Infinity, (at) => at + 60_000)), []);
});

const Program = Object.getPrototypeOf(async () => {}).constructor;

/** What a program says of nine answers that are made by hand. @param {string} code @param {((signal: AbortSignal) => Response)[]} answers */
async function run(code, answers) {
  /** @type {unknown[]} */
  const said = [];
  const setTimeout = (/** @type {() => void} */ act, /** @type {number} */ ms) => globalThis.setTimeout(act, ms / 50);
  const fetch = async (/** @type {URL} */ address, /** @type {any} */ { signal }) => answers[Number(address.searchParams.get("attempt")) - 1](signal);
  try {
    await new Program("url", "controls", "fetch", "log", "report", "setTimeout", code)("http://here/", { prompt: "?" }, fetch, () => {}, (/** @type {unknown} */ value) => said.push(value), setTimeout);
  } catch (error) {
    said.push(String(error));
  }
  return said;
}

/** @param {string} text @param {"end"|"reset"|"hang"} how @param {AbortSignal} [signal] */
function body(text, how, signal) {
  const stream = new ReadableStream({
    start: (controller) => {
      controller.enqueue(new TextEncoder().encode(text));
      if (how === "end") controller.close();
      if (how === "reset") setTimeout(() => controller.error(new TypeError("network error")), 1);
      signal?.addEventListener("abort", () => controller.error(signal.reason));
    },
  });
  return new Response(stream, { headers: { "Content-Type": "text/event-stream" } });
}

const half = 'data: {"n":1}\n\n';
const answers = [
  () => body(half + "data: [DONE]\n\n", "end"),
  () => new Response("{}", { status: 429 }),
  () => body(half + 'event: error\ndata: {"error":{}}\n\n', "end"),
  () => body(half + 'data: {"error":{}}\n\n', "end"),
  () => body(half, "reset"),
  () => body(half, "end"),
  () => body(half + "<html>\r\n</html>\r\n", "end"),
  (/** @type {AbortSignal} */ signal) => body(half, "hang", signal),
  () => body(half + "data: [DONE]\n\n", "end"),
];

test("the solution names each ending, the starter none but one", async () => {
  const read = (/** @type {string} */ name) => readFileSync(new URL(name, import.meta.url), "utf8");
  assert.deepEqual(await run(read("solution.js"), answers), ["complete", "refused", "failed", "failed", "broken", "broken", "broken", "silent", "complete"]);
  assert.deepEqual(await run(read("start.js"), answers), ["complete", "complete", "complete", "complete", "TypeError: network error"]);
});
