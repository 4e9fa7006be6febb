// @ts-check
// What a run of measure shows: what a message weighs each way, and what the
// times of both sides come to beside each other.

import { valueOf } from "../../../static/js/lib/capture.js";
import { milliseconds, samplesOf, sides, summaryOf } from "./samples.js";
import { bytesOf, chunksOf, exchanges, isSocket, isStream, messagesOf } from "../../../static/js/lib/exchanges.js";
import { inOrder } from "../../../static/js/lib/finding.js";

/**
 * @typedef {import("../../../static/js/lib/exchanges.js").Exchange} Exchange
 * @typedef {import("../../../static/js/lib/exchanges.js").Frame} Frame
 * @typedef {import("../../../static/js/lib/finding.js").Finding} Finding
 * @typedef {import("../../../static/js/lib/finding.js").Run} Run
 * @typedef {import("../../../static/js/lib/capture.js").Capture} Capture
 *
 * Bytes on the wire for one message, on average; absent where there was none.
 * @typedef {{push?: number, question?: number, answer?: number, text: {push?: number, question?: number, answer?: number}}} Bytes
 */

/**
 * @param {Run} run
 * @returns {Finding[]}
 */
export function findings(run) {
  return inOrder([...medians(run), ...reused(run.capture)]);
}

/**
 * The medians of both sides beside each other, once both are done. With a delay
 * they have words of their own: what is kept of a run is the newest of each kind.
 * @param {Run} run
 * @returns {Finding[]}
 */
function medians({ capture, reports, controls }) {
  const measured = samplesOf(reports);
  if (sides.some((side) => measured[side].rounds < controls.rounds)) return [];
  /** @type {Finding[]} */
  const list = [];
  /** @param {"sse"|"ws"} side @param {Finding["word"]} word @param {Record<string, unknown>} args */
  const add = (side, word, args) => {
    const from = reports.findLast((report) => report.side === side && report.kind === "report")?.at ?? 0;
    const first = capture.frames.find((frame) => frame.from === "server" && capture.sideOf(frame.connection) === side && (frame.sse?.event || frame.kind === "text"));
    list.push({ side, kind: "note", from, word, args, seen: first && first.time - capture.clockOffset, decides: side === "sse" });
  };
  const median = (/** @type {"sse"|"ws"} */ side, /** @type {"push"|"roundTrip"} */ kind) => summaryOf(measured[side][kind])?.p50;
  const [ssePush, wsPush] = [median("sse", "push"), median("ws", "push")];
  if (ssePush !== undefined && wsPush !== undefined) add("sse", "finding.measure.push", { sse: milliseconds(ssePush), ws: milliseconds(wsPush) });
  const [post, message] = [median("sse", "roundTrip"), median("ws", "roundTrip")];
  if (!post || !message) return list; // the browser's clock has too large steps for them
  const { delay } = controls;
  const rate = (/** @type {number} */ ms) => Math.round(1000 / ms);
  add("sse", delay > 0 ? "finding.measure.sse_delayed" : "finding.measure.sse_trip", { ms: milliseconds(post), times: (post / message).toFixed(1), rate: rate(post), delay });
  add("ws", delay > 0 ? "finding.measure.ws_delayed" : "finding.measure.ws_trip", { ms: milliseconds(message), rate: rate(message), delay });
  return list;
}

/**
 * Streams that began on a connection which was open already: they had no TCP
 * handshake to wait for. In HTTP/2 all share one, and there is nothing to count.
 * @param {Capture} capture
 * @returns {Finding[]}
 */
function reused(capture) {
  const streams = exchanges(capture).filter((exchange) => isStream(exchange) && exchange.sent[0].protocol === "http1");
  if (streams.length === 0) return [];
  const old = streams.filter(({ sent }) => sent[0].offset > 0);
  const from = /** @type {Exchange} */ (streams.at(-1)).at; // the count is complete there
  return [{ side: "sse", kind: "note", from, word: "finding.measure.reused", args: { streams: streams.length, old: old.length } }];
}

/**
 * What one message took on the wire, by side.
 * @param {Capture} capture
 * @returns {{sse: Bytes, ws: Bytes}}
 */
export function bytesPerMessage(capture) {
  const all = exchanges(capture);
  const posts = all.filter(({ side, method, status }) => side === "sse" && method === "POST" && status === 200);
  const got = all.filter(isStream).flatMap((stream) => stream.got);
  const events = got.filter((frame) => frame.sse?.event);
  const sockets = all.filter(isSocket);
  const up = messagesOf(sockets.flatMap(({ sent }) => sent));
  const down = messagesOf(sockets.flatMap((socket) => socket.got));
  // An answer is as long as its question and a time; what is pushed is as long.
  const payload = (/** @type {Frame} */ frame) => frame.fields.find(({ name }) => name === "websocket.payload")?.length ?? 0;
  return {
    sse: {
      push: chunksOf(got).reduce((sum, { length }) => sum + length, 0) / events.length || undefined,
      question: average(posts.map(({ sent }) => bytesOf(sent))),
      answer: average(posts.map((post) => bytesOf(post.got))),
      text: {
        push: average(events.map((frame) => new TextEncoder().encode(frame.sse.event.data).length)),
        question: average(posts.map(({ sent }) => Number(valueOf(sent[0], "http.content_length") ?? NaN))),
        answer: average(posts.map((post) => Number(valueOf(post.got[0], "http.content_length") ?? NaN))),
      },
    },
    ws: {
      push: average(down.map(({ length }) => length)),
      question: average(up.map(({ length }) => length)),
      answer: average(down.map(({ length }) => length)),
      text: { push: average(down.map(payload)), question: average(up.map(payload)), answer: average(down.map(payload)) },
    },
  };
}

/** @param {number[]} numbers @returns {number | undefined} */
function average(numbers) {
  const known = numbers.filter((number) => !Number.isNaN(number));
  return known.reduce((sum, number) => sum + number, 0) / known.length || undefined;
}
