// @ts-check
// What a run of choose shows: each break and how it was noticed, that nothing
// was lost, and what a line costs on each side.

import { exchanges, isSocket, isStream, messagesOf, nextOf } from "../../../static/js/lib/exchanges.js";
import { valueOf } from "../../../static/js/lib/capture.js";
import { inOrder } from "../../../static/js/lib/finding.js";

/**
 * @typedef {import("../../../static/js/lib/exchanges.js").Exchange} Exchange
 * @typedef {import("../../../static/js/lib/finding.js").Finding} Finding
 * @typedef {import("../../../static/js/lib/finding.js").Run} Run
 */

/**
 * @param {Run} run
 * @returns {Finding[]}
 */
export function findings(run) {
  const all = exchanges(run.capture);
  /** @type {("sse"|"ws")[]} */
  const sides = ["sse", "ws"];
  return inOrder(
    sides.flatMap((side) => {
      const own = all.filter((exchange) => exchange.side === side && (isStream(exchange) || isSocket(exchange)));
      return [...own.flatMap((exchange) => ofBreak(exchange, nextOf(all.filter((one) => one.side === side), exchange), run)), ...ofLines(side, own, run)];
    }),
  );
}

/**
 * How one connection ended before its time, and how long it took to come back.
 * @param {Exchange} exchange
 * @param {Exchange|undefined} next
 * @param {Run} run
 * @returns {Finding[]}
 */
function ofBreak(exchange, next, run) {
  const { side, end } = exchange;
  if (!end || !next) return [];
  if (end.how === "reset" && end.by === "server") {
    const args = { ms: Math.round(next.at - end.at), from: lineIn(next) };
    return [{ side, kind: "gap", from: end.at, to: next.at, word: "finding.choose.reset", args, seen: next.at, decides: side === "sse" }];
  }
  if (end.by !== "client") return [];
  // What the server says to a client that closes is no sign of life.
  const times = exchange.got.map(({ time }) => time - run.capture.clockOffset);
  const last = times.findLast((time) => time < end.at) ?? exchange.at;
  const args = { ms: Math.round(end.at - last), from: lineIn(next) };
  return [{ side, kind: "gap", from: last, to: next.at, word: "finding.choose.silence", args, seen: next.at }];
}

/**
 * What arrived in all, once each, and the bytes that a line took.
 * @param {"sse"|"ws"} side
 * @param {Exchange[]} own
 * @param {Run} run
 * @returns {Finding[]}
 */
function ofLines(side, own, run) {
  const sizes = own.flatMap((exchange) => (side === "sse" ? linesOfStream(exchange) : linesOfSocket(exchange)));
  const lines = sizes.map(({ line }) => line);
  const whole = new Set(lines).size;
  if (whole < run.controls.lines) return [];
  const at = run.reports.findLast((report) => report.side === side && report.kind === "message")?.at;
  if (at === undefined) return [];
  const bytes = Math.round(sizes.reduce((sum, { bytes }) => sum + bytes, 0) / sizes.length);
  const args = { lines: whole, twice: lines.length - whole, connections: own.length, bytes };
  return [{ side, kind: args.twice > 0 ? "note" : "good", from: at, word: "finding.choose.complete", args }];
}

/** @param {Exchange} exchange */
function linesOfStream({ got }) {
  const chunks = got.filter(({ kind }) => kind === "chunk" || kind === "data");
  const dispatched = got.filter((frame) => frame.sse?.event?.type === "message");
  return dispatched.map((frame) => {
    const chunk = chunks.find(({ offset, length }) => offset <= frame.offset && frame.offset < offset + length);
    return { line: lineNumber(frame.sse.event.data), bytes: chunk?.length ?? 0 };
  });
}

/** @param {Exchange} exchange */
function linesOfSocket(exchange) {
  return messagesOf(exchange.got)
    .map((frame) => ({ line: lineNumber(valueOf(frame, "websocket.payload") ?? ""), bytes: frame.length }))
    .filter(({ line }) => line > 0);
}

/** The number of a line of the log; 0 for a beat. @param {string} text */
function lineNumber(text) {
  return Number(/"line":(\d+)/.exec(text)?.[1] ?? 0);
}

/** The line after which a request asks to go on. @param {Exchange} exchange */
function lineIn({ lastEventId, address }) {
  return Number(lastEventId || address.searchParams.get("from") || 0);
}
