// @ts-check
// A WebSocket client is to hold nothing open while its page is hidden, and to be
// back within a second of the page, with nothing lost and nothing twice.

import { arrivalsOf, endOf, matched, onlyBy, placeOf, reported, slack } from "../../../../static/js/lib/evidence.js";
import { exchanges, isSocket } from "../../../../static/js/lib/exchanges.js";
import { verdict } from "../../../../static/js/lib/verdict.js";

/**
 * @typedef {import("../../../../static/js/lib/verdict.js").Check} Check
 * @typedef {import("../../../../static/js/lib/exchanges.js").Exchange} Exchange
 * @typedef {{from: number, to: number}} Absence in epoch ms; without an end yet it is Infinity
 */

/** How long a program may take to connect again, in ms. */
const limit = 1000;

/** How long what it closes may take to be closed: less than until it is frozen, in ms. */
const closing = 900;

/** How often the page is left. */
const times = 2;

/** How long a report or a frame may take to get here, on a busy machine. */
const grace = 2000;

/**
 * @param {import("../../../../static/js/lib/verdict.js").Evidence} evidence
 * @returns {import("../../../../static/js/lib/verdict.js").Verdict}
 */
export function check({ capture, reports, until = Infinity }) {
  const all = exchanges(capture);
  const sockets = all.filter(isSocket);
  const absences = absencesOf(reports);
  const over = absences.filter(({ to }) => to < Infinity);
  const open = sockets.find((socket) => absences.some((absence) => isOpen(socket, absence, until)));
  const returns = over.map(({ to }) => reports.find(({ side, kind, at }) => side === "ws" && kind === "request" && at >= to - slack)?.at).map((at, i) => (at ?? NaN) - over[i].to);
  const late = returns.find((ms) => ms > limit);
  const away = over.findIndex(({ to }, i) => Number.isNaN(returns[i]) && until > to + limit + grace);

  const arrivals = arrivalsOf(sockets, capture);
  const numbers = reported(reports).map((report) => ({ ...report, value: Number(report.value) }));
  const { came, good, madeUp, twice } = matched(arrivals, numbers, ({ data }) => data, String);
  const highest = Math.max(0, ...good.map(({ name }) => Number(name)));
  // What came after the last report, a program that was stopped could not report any more.
  const missing = Array.from({ length: highest }, (_, i) => String(i + 1)).filter((name) => !good.some((known) => known.name === name));
  const isBack = over.length >= times && good.some(({ report }) => report.at > over[times - 1].to);
  const restarted = sockets.slice(1).find((socket) => isRestart(socket, arrivals, good.map(({ report }) => report)));
  const skipping = sockets.find((socket) => fromOf(socket) > highestBefore(socket, arrivals));

  /** @type {(Check | undefined)[]} */
  const checks = [
    open
      ? { ok: false, final: true, word: "exercise.asleep.open", args: {}, place: endOf(open) }
      : { ok: over.length >= times, word: over.length >= times ? "exercise.asleep.closed" : "exercise.asleep.unseen", args: { times: over.length } },
    late !== undefined
      ? { ok: false, final: true, word: "exercise.asleep.late", args: { ms: Math.round(late), limit } }
      : away >= 0
        ? { ok: false, final: true, word: "exercise.asleep.away", args: { limit } }
        : { ok: isBack, word: isBack ? "exercise.asleep.back" : "exercise.asleep.not_yet", args: { ms: Math.max(0, ...returns.filter((ms) => ms >= 0).map(Math.round)), limit } },
    restarted && {
      ok: false,
      final: true,
      word: restarted.address.searchParams.has("from") ? "exercise.asleep.restarted" : "exercise.asleep.anew",
      args: { from: restarted.address.searchParams.get("from") },
      place: placeOf(restarted.sent[0]),
    },
    skipping && { ok: false, final: true, word: "exercise.asleep.skipped", args: { from: fromOf(skipping), number: highestBefore(skipping, arrivals) + 1 }, place: placeOf(skipping.sent[0]) },
    missing.length > 0
      ? { ok: false, word: "exercise.asleep.missing", args: { numbers: missing.join(", ") }, place: placeOf(came.get(missing[0])?.frame) }
      : highest > 0 || madeUp.length === 0
        ? { ok: highest > 0, word: highest > 0 ? "exercise.asleep.all" : "exercise.asleep.none", args: { highest } }
        : undefined,
    // Not final: how far the clocks are apart, the page knows better with each answer.
    madeUp.length > 0
      ? { ok: false, word: "exercise.asleep.early", args: { numbers: madeUp.map(({ name }) => name).join(", ") }, place: placeOf(madeUp[0].arrival?.frame) }
      : undefined,
    twice.length > 0 ? { ok: false, final: true, word: "exercise.asleep.twice", args: { numbers: twice.map(({ name }) => name).join(", ") }, place: placeOf(twice[0].arrival.frame) } : undefined,
    onlyBy(all, "ws"),
  ];

  // The hints go: close when the page is hidden; open when it is back; go on after
  // the last number.
  const hint = open ? 1 : late !== undefined || away >= 0 ? 2 : 3;
  return verdict(checks, hint);
}

/**
 * When the page was hidden, as the program was told.
 * @param {import("../../../../static/js/lib/sandbox.js").Report[]} reports
 * @returns {Absence[]}
 */
function absencesOf(reports) {
  /** @type {Absence[]} */
  const list = [];
  for (const { side, kind, type, hidden, at } of reports) {
    if (side !== "ws" || kind !== "page" || type !== "visibilitychange") continue;
    const last = list.at(-1);
    if (hidden) list.push({ from: at, to: Infinity });
    else if (last) last.to = at;
  }
  return list;
}

/**
 * Whether a socket was open while the page was hidden, longer than it takes to close it.
 * @param {Exchange} socket
 * @param {Absence} absence
 * @param {number} until
 */
function isOpen({ at, end }, { from, to }, until) {
  const ended = end?.at ?? until;
  // That the page is back, its program may have said, and it is not yet here.
  const isNew = at > from + slack && at < (to < Infinity ? to - slack : until - grace);
  return isNew || (at <= from + slack && ended > from + closing && (end !== undefined || until > from + closing + grace));
}

/**
 * Whether a socket asks for numbers that its program had had already.
 * @param {Exchange} socket
 * @param {import("../../../../static/js/lib/evidence.js").Arrival[]} arrivals
 * @param {{at: number, value?: any}[]} accepted reports of what had arrived
 */
function isRestart(socket, arrivals, accepted) {
  const known = Math.max(0, ...accepted.filter(({ at }) => at < socket.at).map(({ value }) => value));
  const arrived = Math.max(0, ...arrivals.filter(({ at }) => at < socket.at).map(({ data }) => Number(data)));
  return fromOf(socket) < Math.min(known, arrived);
}

/** Which number a socket's program says that it had. @param {Exchange} socket */
function fromOf(socket) {
  return Number(socket.address.searchParams.get("from") ?? 0);
}

/**
 * The highest number that had come when a socket was opened.
 * @param {Exchange} socket
 * @param {import("../../../../static/js/lib/evidence.js").Arrival[]} arrivals
 */
function highestBefore(socket, arrivals) {
  return Math.max(0, ...arrivals.filter(({ at, exchange }) => exchange !== socket && at <= socket.at + slack).map(({ data }) => Number(data)));
}
