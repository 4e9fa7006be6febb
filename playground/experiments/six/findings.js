// @ts-check
// What a run of six shows: which streams were at the server at once and in how
// many connections, which had to wait in the browser, and what else waited
// behind them.

import { exchanges, isStream, messagesOf } from "../../../static/js/lib/exchanges.js";
import { inOrder, latest } from "../../../static/js/lib/finding.js";

/**
 * @typedef {import("../../../static/js/lib/exchanges.js").Exchange} Exchange
 * @typedef {import("../../../static/js/lib/finding.js").Finding} Finding
 * @typedef {import("../../../static/js/lib/finding.js").Run} Run
 *
 * @typedef {object} Asked a stream that the program asked for; times are in epoch ms of the browser's clock
 * @property {number} tab counted from 1
 * @property {number} at when the program asked
 * @property {Exchange} [exchange] absent as long as the request is not at the server
 */

/**
 * One stream or request in a picture of all of them; its times are in epoch ms
 * of the browser's clock.
 * @typedef {object} Lane
 * @property {number} tab 0 for a Save request
 * @property {number} asked when the program asked for it
 * @property {number} [there] when it was at the server; absent: it is not yet
 * @property {boolean} queued whether it had to wait for another one's end
 * @property {number} [ended] absent: it goes on
 * @property {number} [connection] its number
 * @property {number} [stream] of HTTP/2
 * @property {{connection: number, from: "client", offset: number}} [place] of the request among the frames
 */

/** Streams that arrive at the server within this time, in ms, had waited for the same thing. */
const together = 200;

/** A socket that arrives within this time, in ms, was only queued behind the others. */
const inLine = 700;

/** No browser opens fewer connections to a host over HTTP/1.1: six is what they all do (crbug.com/275955). */
const connections = 6;

/** Up to so many handshakes at once Chromium holds back by less than that. */
const few = 12;

/**
 * @param {Run} run
 * @returns {Record<"sse"|"ws", Lane[]>}
 */
export function lanes(run) {
  const all = exchanges(run.capture);
  const waits = queueOf(all, run);
  const lane = (/** @type {Asked} */ { tab, at, exchange }) => ({
    tab,
    asked: at,
    there: exchange && Math.max(at, exchange.at),
    queued: waits({ tab, at, exchange }),
    ended: exchange?.end?.at,
    connection: exchange?.sent[0].connection,
    stream: exchange?.sent[0].stream,
    place: placeOf(exchange?.sent[0]),
  });
  const posts = (/** @type {"sse"|"ws"} */ side) => askedFor(side, "/send", all, run).map((asked) => ({ ...lane(asked), tab: 0 }));
  const { sent, saved } = message(run);
  const socket = all.find(({ side, sent }) => side === "ws" && messagesOf(sent).length > 0);
  const [saving] = socket?.sent.filter(({ kind }) => kind === "text") ?? [];
  return {
    sse: [...askedFor("sse", "/sse", all, run).map(lane), ...posts("sse")],
    ws: [
      ...askedFor("ws", "/ws", all, run).map((asked) => ({ ...lane(asked), queued: false })),
      ...posts("ws"),
      ...(sent ? [{ tab: 0, asked: sent.at, there: sent.at, queued: false, ended: saved?.at, connection: socket?.sent[0].connection, place: placeOf(saving) }] : []),
    ],
  };
}

/** @param {import("../../../static/js/lib/exchanges.js").Frame} [frame] */
function placeOf(frame) {
  return frame && { connection: frame.connection, from: /** @type {const} */ ("client"), offset: frame.offset };
}

/**
 * The one that a moment is in.
 * @param {Record<"sse"|"ws", Lane[]>} all
 * @param {import("../../../static/js/elements/timeline/timeline.js").Moment} [moment]
 */
export function laneAt(all, moment) {
  const list = moment ? all[moment.side] : [];
  const isIts = (/** @type {Lane} */ { place }) => place !== undefined && place.connection === moment?.connection && moment.from === "client" && place.offset === moment.offset;
  return (
    list.find(isIts) ??
    list.findLast(({ connection, stream, there = Infinity, ended = Infinity }) => moment && connection === moment.connection && stream === moment.stream && there - 1 <= moment.at && moment.at <= ended + 1)
  );
}

/**
 * @param {Run} run
 * @returns {Finding[]}
 */
export function findings(run) {
  const all = exchanges(run.capture);
  return inOrder([...ofStreams(all, run), ...ofPost(all, run), ...ofSockets(all, run), ...ofMessage(run)]);
}

/**
 * What a side's program asked for, each with the request that came of it.
 * @param {"sse"|"ws"} side
 * @param {"/sse"|"/ws"|"/send"} path its last part
 * @param {Exchange[]} all
 * @param {Run} run
 * @returns {Asked[]}
 */
function askedFor(side, path, all, { reports }) {
  const left = [...all];
  return reports
    .filter((report) => report.side === side && report.kind === "request" && new URL(report.address).pathname.endsWith(path))
    .map(({ at, address }, i) => {
      const { pathname, search } = new URL(address);
      const found = left.findIndex((exchange) => exchange.address.pathname === pathname && exchange.address.search === search);
      return { tab: i + 1, at, exchange: found < 0 ? undefined : left.splice(found, 1)[0] };
    });
}

/**
 * @param {Exchange[]} all
 * @param {Run} run
 * @returns {Finding[]}
 */
function ofStreams(all, run) {
  const asked = askedFor("sse", "/sse", all, run);
  const streams = asked.flatMap(({ exchange }) => (exchange && isStream(exchange) ? [exchange] : []));
  if (streams.length === 0) return [];
  const waits = queueOf(all, run);
  const waiting = asked.filter(waits);
  const first = streams.filter((stream) => !waiting.some(({ exchange }) => exchange === stream));
  const from = Math.max(...first.map(({ answered, at }) => answered || at));
  const args = { streams: atOnce(first), connections: connectionsOf(first) };

  /** @type {Finding[]} */
  const list = waves(waiting).map((wave, i) => {
    const tabs = wave.length === 1 ? `${wave[0].tab}` : `${wave[0].tab}–${wave[wave.length - 1].tab}`;
    const { at, exchange } = wave[0];
    const to = exchange?.at ?? latest(run);
    // Drawn over each other, the waits of several waves could not be read.
    const place = i === 0 ? { kind: /** @type {const} */ ("gap"), from: at, to, seen: to, decides: true } : { kind: /** @type {const} */ ("cut"), from: to };
    const said = exchange ? { word: /** @type {const} */ ("finding.six.waited"), args: { tabs, ms: Math.round(to - at) } } : { word: /** @type {const} */ ("finding.six.waiting"), args: { tabs } };
    return { side: /** @type {const} */ ("sse"), ...place, ...said };
  });
  if (args.streams < 2) return list;
  if (isMultiplexed(first, run)) list.push({ side: "sse", kind: "good", from, word: "finding.six.multiplexed", args });
  else if (waiting.length > 0) list.push({ side: "sse", kind: "note", from, word: "finding.six.places", args });
  else list.push({ side: "sse", kind: "good", from, word: "finding.six.streams", args });
  return list;
}

/**
 * Tells which requests wait in the browser for a connection: those that come to
 * the server when the first of the streams has made room for others, of which
 * the browser may know a little earlier than the server; and those that have not
 * come. In HTTP/2 all share one connection: however late a request comes, it has
 * not waited for another's end (RFC 9113 §5). Nor has it, on a busy machine, when
 * there are connections enough for all, or when those before it came just as slowly.
 * @param {Exchange[]} all
 * @param {Run} run
 * @returns {(asked: Asked) => boolean}
 */
function queueOf(all, run) {
  const asked = askedFor("sse", "/sse", all, run);
  const streams = asked.flatMap(({ exchange }) => (exchange && isStream(exchange) ? [exchange] : []));
  const posts = askedFor("sse", "/send", all, run);
  if (isMultiplexed(streams, run) || asked.length + posts.length <= connections) return () => false;
  const { events, every } = run.controls;
  const early = Math.min(150, (events * every) / 3); // ms
  const freed = Math.min(...streams.map(({ end }) => end?.at ?? Infinity)) - early;
  const most = atOnce(streams);
  const came = streams.map(({ at }) => at).toSorted((a, b) => a - b);
  const full = came.find((at) => openAt(streams, at) === most) ?? Infinity;
  const pace = Math.max(early, ...came.filter((at) => at <= full).map((at, i, before) => at - (before[i - 1] ?? asked[0].at)));
  const slower = (/** @type {number} */ from, /** @type {number} */ to) => to - from > pace;
  const silent = slower(full, Math.min(came.find((at) => at > full) ?? Infinity, latest(run)));
  return ({ at, exchange }) => {
    const there = exchange?.at ?? Infinity;
    const last = came.findLast((at) => at < there) ?? Infinity;
    return there >= freed && (silent || slower(Math.max(last, at), Math.min(there, latest(run))));
  };
}

/**
 * Those that came to the server together; last, those that have not come.
 * @param {Asked[]} waiting
 */
function waves(waiting) {
  const came = (/** @type {Asked} */ { exchange }) => exchange?.at ?? Infinity;
  const sorted = waiting.toSorted((a, b) => (came(a) === came(b) ? 0 : came(a) - came(b)));
  /** @type {Asked[][]} */
  const list = [];
  for (const asked of sorted) {
    const wave = list.at(-1);
    if (wave && (came(asked) === came(wave[0]) || came(asked) - came(wave[0]) < together)) wave.push(asked);
    else list.push([asked]);
  }
  return list.map((wave) => wave.toSorted((a, b) => a.tab - b.tab));
}

/**
 * The request that has nothing to do with the streams, but for the host.
 * @param {Exchange[]} all
 * @param {Run} run
 * @returns {Finding[]}
 */
function ofPost(all, run) {
  const waits = queueOf(all, run);
  const posts = (/** @type {"sse"|"ws"} */ side) => askedFor(side, "/send", all, run).map((asked) => ({ side, ...asked }));
  /** @type {Finding[]} */
  const list = [];
  for (const { side, ...asked } of [...posts("sse"), ...posts("ws")]) {
    const { at, exchange } = asked;
    if (waits(asked)) {
      if (!exchange) list.push({ side, from: at, kind: "cut", word: "finding.six.save_waiting", args: {} });
      else list.push({ side, from: exchange.at, kind: "cut", word: "finding.six.save_waited", args: { ms: Math.round(exchange.at - at) } });
    } else if (exchange?.answered) {
      list.push({ side, from: at, kind: "good", word: "finding.six.saved", args: { ms: Math.round(exchange.answered - at) } });
    }
  }
  return list;
}

/**
 * @param {Exchange[]} all
 * @param {Run} run
 * @returns {Finding[]}
 */
function ofSockets(all, run) {
  const asked = askedFor("ws", "/ws", all, run);
  const sockets = asked.flatMap(({ exchange }) => (exchange?.status === 101 ? [exchange] : []));
  if (sockets.length === 0) return [];
  const from = Math.max(...sockets.map(({ answered }) => answered));
  const args = { sockets: atOnce(sockets), connections: connectionsOf(sockets) };
  /** @type {Finding[]} */
  const list = args.sockets < 2 ? [] : [{ side: "ws", kind: "good", from, word: "finding.six.sockets", args }];
  const held = asked.filter(({ tab, at, exchange }) => tab > few && (exchange?.at ?? latest(run)) - at > inLine);
  if (held.length > 0) {
    const last = held.reduce((a, b) => ((a.exchange?.at ?? Infinity) > (b.exchange?.at ?? Infinity) ? a : b));
    const to = last.exchange?.at ?? latest(run);
    const args = { sockets: held.length, ms: Math.round(to - last.at) };
    list.push({ side: "ws", kind: "note", from: to, word: "finding.six.held", args });
  }
  return list;
}

/**
 * The message up, and the answer to it.
 * @param {Run} run
 */
function message({ reports }) {
  const sent = reports.find(({ side, kind }) => side === "ws" && kind === "send");
  const saved = reports.find(({ side, kind, data }) => side === "ws" && kind === "message" && String(data).includes('"saved"'));
  return { sent, saved };
}

/**
 * @param {Run} run
 * @returns {Finding[]}
 */
function ofMessage(run) {
  const { sent, saved } = message(run);
  if (!sent || !saved) return [];
  return [{ side: "ws", kind: "good", from: sent.at, word: "finding.six.sent", args: { ms: Math.round(saved.at - sent.at) } }];
}

/** @param {Exchange[]} list */
function connectionsOf(list) {
  return new Set(list.map(({ sent }) => sent[0].connection)).size;
}

/**
 * How many were open at the same moment: the most that there were.
 * @param {Exchange[]} list
 */
function atOnce(list) {
  return Math.max(...list.map(({ at }) => openAt(list, at)));
}

/** @param {Exchange[]} list @param {number} time */
function openAt(list, time) {
  return list.filter(({ at, end }) => at <= time && (end?.at ?? Infinity) > time).length;
}

/** Whether streams share connections, as HTTP/2 has it. @param {Exchange[]} list @param {Run} run */
function isMultiplexed(list, { capture }) {
  return list.every(({ sent }) => capture.connections.get(sent[0].connection)?.protocol === "h2");
}
