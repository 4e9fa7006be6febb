// @ts-check
// What a run of measure shows: what the times of both sides come to beside each
// other, and what asking again and again comes to.

import { bytesAsked, placeOf, pollsIn } from "./polls.js";
import { milliseconds, samplesOf, summaryOf } from "./samples.js";
import { exchanges, isStream } from "../../../static/js/lib/exchanges.js";
import { inOrder } from "../../../static/js/lib/finding.js";

/**
 * @typedef {import("../../../static/js/lib/exchanges.js").Exchange} Exchange
 * @typedef {import("../../../static/js/lib/finding.js").Finding} Finding
 * @typedef {import("../../../static/js/lib/finding.js").Run} Run
 * @typedef {import("../../../static/js/lib/capture.js").Capture} Capture
 */

/**
 * @param {Run} run
 * @returns {Finding[]}
 */
export function findings(run) {
  return inOrder([...medians(run), ...polled(run), ...reused(run.capture)]);
}

/**
 * The medians of both sides beside each other, once both are done. With a delay
 * they have words of their own: what is kept of a run is the newest of each kind.
 * @param {Run} run
 * @returns {Finding[]}
 */
function medians({ capture, reports, controls }) {
  const measured = samplesOf(reports);
  if (measured.sse.rounds < controls.rounds || measured.ws.rounds < controls.rounds) return [];
  /** @type {Finding[]} */
  const list = [];
  /** @param {"sse"|"ws"} side @param {Finding["word"]} word @param {Record<string, unknown>} args */
  const add = (side, word, args) => {
    const from = reports.findLast((report) => report.side === side && !report.beside && report.kind === "report")?.at ?? 0;
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

const askers = /** @type {const} */ ([
  ["longpoll", "finding.measure.longpoll"],
  ["poll", "finding.measure.poll"],
]);

/**
 * What asking again and again comes to, once a program that does is done.
 * @param {Run} run
 * @returns {Finding[]}
 */
function polled({ capture, reports, controls }) {
  const measured = samplesOf(reports);
  const all = exchanges(capture);
  return askers.flatMap(([way, word]) => {
    const median = summaryOf(measured[way].push)?.p50;
    const polls = pollsIn(all, way);
    const { push, asked } = bytesAsked(polls, controls);
    if (measured[way].rounds < controls.rounds || median === undefined || push === undefined || asked === undefined) return [];
    // One that asks from the same place as the one before got nothing in between.
    const empty = polls.filter((poll, i) => i > 0 && placeOf(poll) !== "" && placeOf(poll) === placeOf(polls[i - 1])).length;
    const from = reports.findLast(({ beside, kind }) => beside === way && kind === "report")?.at ?? 0;
    const args = { ms: milliseconds(median), bytes: Math.round(push + asked), ask: controls.ask, requests: polls.length, empty };
    return [{ side: "sse", kind: "note", from, word, args, seen: polls[0].answered }];
  });
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
