// @ts-check
// What a run of chat shows: how long the first token took, what a token costs,
// what a cut leaves, and how soon the server notices that the client has left.

import { bytesOf, eventsOf, exchanges, isSocket, isStream, messagesOf } from "../../../static/js/lib/exchanges.js";
import { inOrder } from "../../../static/js/lib/finding.js";
import { valueOf } from "../../../static/js/lib/capture.js";

/**
 * @typedef {import("../../../static/js/lib/exchanges.js").Exchange} Exchange
 * @typedef {import("../../../static/js/lib/capture.js").Frame} Frame
 * @typedef {import("../../../static/js/lib/finding.js").Finding} Finding
 * @typedef {import("../../../static/js/lib/finding.js").Run} Run
 *
 * @typedef {object} Answer what one question was answered with, on either side
 * @property {"sse"|"ws"} side
 * @property {Exchange} exchange
 * @property {number} asked
 * @property {{data: string, at: number}[]} messages
 * @property {number} bytes on the wire, without the answer's head
 * @property {Exchange["end"]} end
 */

/**
 * @param {Run} run
 * @returns {Finding[]}
 */
export function findings(run) {
  const all = exchanges(run.capture);
  const streams = all.filter(isStream).map((exchange) => streamed(exchange, run));
  const types = all.filter(isStream).slice(0, 1).map((exchange) => ofType(exchange));
  const sockets = all.filter(isSocket).map((exchange) => socketed(exchange, run));
  return inOrder([
    ...types,
    ...streams.flatMap((answer, i) => ofAnswer(answer, streams[i + 1])),
    ...sockets.flatMap((answer, i) => ofAnswer(answer, sockets[i + 1])),
    ...ofReads(streams, run),
  ]);
}

/**
 * What the answer calls itself, whatever has asked for it.
 * @param {Exchange} exchange
 * @returns {Finding}
 */
function ofType({ answered, method }) {
  return { side: "sse", kind: "note", from: answered, word: "finding.chat.type", args: { method }, field: "http.content_type", decides: true };
}

/**
 * @param {Answer} answer
 * @param {Answer|undefined} next
 * @returns {Finding[]}
 */
function ofAnswer({ side, exchange, asked, messages, bytes, end }, next) {
  /** @type {Finding[]} */
  const list = [];
  const tokens = messages.filter(({ data }) => isToken(data));
  const isWhole = messages.some(({ data }) => data === "[DONE]");
  const [first] = tokens;
  if (first) list.push({ side, kind: "note", from: first.at, word: "finding.chat.first", args: { ms: Math.round(first.at - asked) } });
  if (isWhole) {
    const args = { tokens: tokens.length, bytes: Math.round(bytes / tokens.length) };
    if (first) list.push({ side, kind: "good", from: messages.at(-1)?.at ?? first.at, word: "finding.chat.whole", args });
    return list;
  }
  if (end?.by === "server") {
    if (end.how === "reset") list.push({ side, kind: "cut", from: end.at, word: "finding.chat.cut", args: { tokens: tokens.length } });
    if (end.how === "complete" || end.how === "close") list.push({ side, kind: "cut", from: end.at, word: "finding.chat.failed", args: { tokens: tokens.length } });
    // An EventSource asks again by itself: the same question, from its beginning. It can send no POST.
    if (side === "sse" && next?.exchange.method === "GET" && next.exchange.agent === exchange.agent && next.exchange.address.href === exchange.address.href) {
      const args = { ms: Math.round(next.asked - end.at) };
      list.push({ side, kind: "gap", from: end.at, to: next.asked, word: "finding.chat.again", args });
    }
  }
  if (end?.by === "client" && end.other !== undefined) {
    const ms = end.other - end.at;
    const args = { ms: ms < 1 ? "<1" : Math.round(ms), tokens: tokens.length };
    list.push({ side, kind: "note", from: end.at, word: "finding.chat.noticed", args });
  }
  return list;
}

/**
 * Reads of a fetch body are not events.
 * @param {Answer[]} streams
 * @param {Run} run
 * @returns {Finding[]}
 */
function ofReads(streams, { reports, ended }) {
  if (ended === undefined && !reports.some(({ side, kind }) => side === "sse" && kind === "end")) return []; // there may be more to read

  const reads = reports.filter(({ side, kind, bytes }) => side === "sse" && kind === "read" && bytes > 0);
  const events = streams.reduce((sum, { messages }) => sum + messages.length, 0);
  const last = reads.at(-1);
  if (!last || reads.length === events) return [];
  return [{ side: "sse", kind: "note", from: last.at, word: "finding.chat.reads", args: { reads: reads.length, events } }];
}

/** @param {Exchange} exchange @param {Run} run @returns {Answer} */
function streamed(exchange, { capture }) {
  const body = exchange.got.filter((frame) => frame.kind !== "response");
  return { side: "sse", exchange, asked: exchange.at, messages: eventsOf(exchange, capture), bytes: bytesOf(body), end: exchange.end };
}

/** @param {Exchange} exchange @param {Run} run @returns {Answer} */
function socketed(exchange, { capture }) {
  const { sent, got, at, end } = exchange;
  const time = (/** @type {Frame} */ frame) => frame.time - capture.clockOffset;
  const frames = messagesOf(got);
  const [question] = messagesOf(sent);
  return {
    side: "ws",
    exchange,
    asked: question ? time(question) : at,
    messages: frames.map((frame) => ({ data: valueOf(frame, "websocket.payload") ?? "", at: time(frame) })),
    bytes: bytesOf(frames),
    end,
  };
}

/** Whether a chunk brings a token, and not only a role or the reason of the end. @param {string} data */
function isToken(data) {
  return /"delta":\{[^}]*"content":"[^"]/.test(data);
}
