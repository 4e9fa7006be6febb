// @ts-check
// What a run of reconnect shows: who was cut, who came back, when and with
// what, and what that cost.

import { valueOf } from "../../../static/js/lib/capture.js";
import { eventsOf, exchanges, isStream, messagesOf, nextOf } from "../../../static/js/lib/exchanges.js";
import { inOrder, latest } from "../../../static/js/lib/finding.js";

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
  const streams = all.filter((exchange) => exchange.side === "sse");
  const sockets = all.filter((exchange) => exchange.side === "ws");
  return inOrder([
    ...streams.flatMap((stream) => ofStream(stream, nextOf(streams, stream), run)),
    ...sockets.flatMap((socket, i) => ofSocket(socket, nextOf(sockets, socket), closeOf(run, i), latest(run), mayReconnect(run))),
    ...ofNumbers("sse", run),
    ...ofNumbers("ws", run),
  ]);
}

/**
 * @param {Exchange} stream
 * @param {Exchange|undefined} next
 * @param {Run} run
 * @returns {Finding[]}
 */
function ofStream(stream, next, run) {
  if (stream.status && !isStream(stream)) return [ofAnswer(stream, run)];

  /** @type {Finding[]} */
  const list = [];
  const { end, lastEventId } = stream;
  if (lastEventId) {
    list.push({ side: "sse", kind: "good", from: stream.at, word: "finding.reconnect.resumed", args: { id: lastEventId }, field: "http.last_event_id", decides: true });
  }
  if (!end || end.by === "client") return list;

  const last = eventsOf(stream, run.capture).at(-1)?.data;
  const isOver = Number(last) >= run.controls.total;
  if (!isOver) {
    const word = end.how === "reset" ? "finding.reconnect.reset" : "finding.reconnect.ended";
    list.push({ side: "sse", kind: "cut", from: end.at, word, args: { last: last ?? 0 } });
  }
  if (next) {
    const { retry } = run.controls;
    const ms = next.at - end.at;
    // An EventSource waits no less (WHATWG HTML §9.2.3): what comes sooner the code has opened.
    // Where the stream sets no time, browsers wait some seconds.
    const word = ms < (retry > 0 ? 0.9 * retry : 1000)
      ? "finding.reconnect.own_wait"
      : isOver
        ? "finding.reconnect.asks_again"
        : retry > 0
          ? "finding.reconnect.gap"
          : "finding.reconnect.gap_default";
    const args = { ms: Math.round(ms) };
    list.push({ side: "sse", kind: isOver ? "note" : "gap", from: end.at, to: next.at, word, args });
  } else if (isConnecting(run)) {
    list.push({ side: "sse", kind: isOver ? "note" : "gap", from: end.at, to: latest(run), word: "finding.reconnect.waiting", args: {} });
  }
  return list;
}

/**
 * An answer that is no event stream. EventSource takes nothing but a 200 of the
 * right type (WHATWG HTML §9.2.2), after fetch has followed redirects, and 204
 * is how a server says on purpose that it is over (§9.2.3).
 * @param {Exchange} stream
 * @param {Run} run
 * @returns {Finding}
 */
function ofAnswer({ answered, status, contentType, lastEventId }, run) {
  const moment = { side: /** @type {const} */ ("sse"), from: answered };
  const gap = { ...moment, kind: /** @type {const} */ ("gap"), to: latest(run) };
  switch (status) {
    case 307:
      return { ...moment, kind: "note", word: "finding.reconnect.redirected", args: {} };
    case 204:
      return Number(lastEventId) >= run.controls.total || run.controls.how !== "204"
        ? { ...moment, kind: "good", word: "finding.reconnect.goodbye", args: {} }
        : { ...gap, word: "finding.reconnect.no_content", args: {} };
    case 200:
      return { ...gap, word: "finding.reconnect.wrong_type", args: { type: contentType } };
    default:
      return { ...gap, word: "finding.reconnect.status", args: { status } };
  }
}

/**
 * @param {Exchange} socket
 * @param {Exchange|undefined} next
 * @param {import("../../../static/js/lib/sandbox.js").Report|undefined} close what the browser told the program
 * @param {number} now
 * @param {boolean} waits whether the program may open another one yet
 * @returns {Finding[]}
 */
function ofSocket(socket, next, close, now, waits) {
  /** @type {Finding[]} */
  const list = [];
  const { end, status } = socket;
  const from = Number(socket.address.searchParams.get("from"));
  if (from > 0 && status === 101) {
    list.push({ side: "ws", kind: "good", from: socket.at, word: "finding.reconnect.from", args: { from } });
  }
  if (!end || end.by === "client") return list;

  // What is no closing handshake is 1006 to a program (RFC 6455 §7.1.5).
  const frame = socket.got.find((frame) => frame.kind === "close");
  const code = close?.code ?? Number((frame && valueOf(frame, "websocket.payload.close.status_code")) ?? 1006);
  if (code === 1000) {
    list.push({ side: "ws", kind: "good", from: end.at, word: "finding.reconnect.closed", args: { code } });
    return list;
  }

  const message = messagesOf(socket.got).at(-1);
  const last = (message && valueOf(message, "websocket.payload")) ?? 0;
  if (status !== 101) {
    if (status > 0 && code === 1006) list.push({ side: "ws", kind: "cut", from: end.at, word: "finding.reconnect.refused", args: { status } });
  } else if (end.how === "close") {
    list.push({ side: "ws", kind: "cut", from: end.at, word: "finding.reconnect.going_away", args: { code, last } });
  } else if (end.how === "reset") {
    list.push({ side: "ws", kind: "cut", from: end.at, word: "finding.reconnect.reset", args: { last } });
  }
  if (next) {
    const args = { ms: Math.round(next.at - end.at) };
    list.push({ side: "ws", kind: "gap", from: end.at, to: next.at, word: "finding.reconnect.own_wait", args });
  } else if (!waits) {
    list.push({ side: "ws", kind: "gap", from: end.at, to: now, word: "finding.reconnect.nobody", args: { code } });
  }
  return list;
}

/**
 * What a program got twice, and what it did not get.
 * @param {"sse"|"ws"} side
 * @param {Run} run
 * @returns {Finding[]}
 */
function ofNumbers(side, { reports }) {
  /** @type {Finding[]} */
  const list = [];
  /** @type {{at: number, numbers: number[]}} */
  const twice = { at: 0, numbers: [] };
  const all = new Set(reports.filter((report) => report.side === side && report.kind === "message").map(({ data }) => Number(data)));
  /** @type {Set<number>} */
  const seen = new Set();
  let highest = 0;
  for (const report of reports) {
    if (report.side !== side || report.kind !== "message") continue;
    const number = Number(report.data);
    if (number > highest + 1 && !range(highest + 1, number - 1).some((missed) => all.has(missed))) {
      const numbers = said(highest + 1, number - 1);
      list.push({ side, kind: "note", from: report.at, word: "finding.reconnect.lost", args: { numbers } });
    }
    if (seen.has(number)) {
      twice.at ||= report.at;
      twice.numbers.push(number);
    }
    seen.add(number);
    highest = Math.max(highest, number);
  }
  if (twice.numbers.length > 0) {
    const numbers = said(Math.min(...twice.numbers), Math.max(...twice.numbers));
    list.push({ side, kind: "note", from: twice.at, word: "finding.reconnect.twice", args: { numbers } });
  }
  return list;
}

/** @param {number} first @param {number} last */
function range(first, last) {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

/** @param {number} first @param {number} last */
function said(first, last) {
  return first === last ? `${first}` : `${first}–${last}`;
}

/** @param {Run} run @param {number} index of the socket */
function closeOf({ reports }, index) {
  return reports.filter((report) => report.side === "ws" && report.kind === "close")[index];
}

/** Whether the WebSocket's program has not ended, as far as it has said anything. @param {Run} run */
function mayReconnect({ reports }) {
  const own = reports.filter(({ side }) => side === "ws");
  return own.length > 0 && !own.some(({ kind }) => kind === "end");
}

/** Whether EventSource is between two attempts, or was when it was stopped. @param {Run} run */
function isConnecting({ reports }) {
  return reports.findLast((report) => report.side === "sse" && report.kind === "error")?.readyState === 0; // CONNECTING
}
