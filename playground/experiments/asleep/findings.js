// @ts-check
// What a run of asleep shows: for how long the page was away, what came
// meanwhile, what had become of the connection, and how it was made up.

import { exchanges, isSocket, isStream, itemsOf, nextOf } from "../../../static/js/lib/exchanges.js";
import { inOrder, latest } from "../../../static/js/lib/finding.js";

/**
 * @typedef {import("../../../static/js/lib/exchanges.js").Exchange} Exchange
 * @typedef {import("../../../static/js/lib/finding.js").Finding} Finding
 * @typedef {import("../../../static/js/lib/finding.js").Run} Run
 *
 * A time in which the page was hidden, in epoch ms of the browser's clock, and
 * the part of it in which no code ran.
 * @typedef {{from: number, to: number, isOver: boolean, frozen?: {from: number, to: number}}} Absence
 */

/** What the code gets within so many ms it has got at once. */
const atOnce = 500;

/** How long a program may take to close what is open, in ms. */
const closing = 900;

/**
 * @param {Run} run
 * @returns {Finding[]}
 */
export function findings(run) {
  return inOrder([...ofSide("sse", run), ...ofSide("ws", run)]);
}

/**
 * @param {"sse" | "ws"} side
 * @param {Run} run
 * @returns {Finding[]}
 */
function ofSide(side, run) {
  const all = exchanges(run.capture).filter((exchange) => exchange.side === side);
  const absences = absencesOf(side, run);
  if (run.ended && absences.length === 0 && run.controls.away === "you") {
    return [{ side, kind: "note", from: run.ended, word: "finding.asleep.stayed", args: {} }];
  }
  return absences.flatMap((absence) => {
    if (!absence.isOver && absence.to - absence.from < closing) return []; // it may still be closing it
    const open = all.find((exchange) => isOpen(exchange, absence));
    const list = open ? [...ofOpen(open, absence, run), ...ofLost(open, nextOf(all, open), absence, run)] : [ofClosed(all, side, absence)];
    return [...list, ...ofReturn(all, absence, run)];
  });
}

/**
 * Whether a connection was open while the page was away. One that its program has
 * closed was not, even if a slow machine took its time for that.
 * @param {Exchange} exchange
 * @param {Absence} absence
 */
function isOpen({ at, end }, { from, to, isOver }) {
  if (at >= from || (end && end.at <= from + closing)) return false;
  return !(isOver && end?.by === "client" && end.at < to);
}

/**
 * When the page was away, as the program was told.
 * @param {"sse" | "ws"} side
 * @param {Run} run
 * @returns {Absence[]}
 */
function absencesOf(side, run) {
  /** @type {Absence[]} */
  const list = [];
  for (const { at, type, hidden, ...report } of run.reports) {
    if (report.side !== side || report.kind !== "page") continue;
    const last = list.at(-1);
    if (type === "visibilitychange" && hidden) list.push({ from: at, to: latest(run), isOver: false });
    else if (type === "visibilitychange" && last) Object.assign(last, { to: at, isOver: true });
    else if (type === "freeze" && last) last.frozen = { from: at, to: latest(run) };
    else if (type === "resume" && last?.frozen) last.frozen.to = at;
  }
  return list;
}

/** @param {Exchange[]} all @param {"sse" | "ws"} side @param {Absence} absence @returns {Finding} */
function ofClosed(all, side, absence) {
  const ends = all.map(({ end }) => end?.at ?? 0).filter((at) => at < absence.to);
  const from = Math.max(absence.from, ...ends);
  return { side, kind: "gap", from, to: absence.to, word: "finding.asleep.closed", args: { ms: Math.round(absence.to - from) } };
}

/**
 * What came over a connection that was open while the page was away.
 * @param {Exchange} open
 * @param {Absence} absence
 * @param {Run} run
 * @returns {Finding[]}
 */
function ofOpen(open, absence, run) {
  const { side } = open;
  const { from, to } = absence.frozen ?? absence;
  const came = itemsOf(open, run.capture).filter(({ at }) => at > from && at < to);
  const delays = came.flatMap(({ at, data }) => {
    const told = run.reports.find((report) => report.side === side && report.kind === "message" && report.data === data && report.at >= (absence.frozen ? to : from));
    return told ? [told.at - at] : [];
  });
  const late = Math.round(Math.max(0, ...delays));
  const args = { ms: Math.round(to - from), numbers: came.length, late };
  if (!absence.frozen) {
    const word = came.length === 0 ? "finding.asleep.hidden_quiet" : late < atOnce ? "finding.asleep.hidden" : "finding.asleep.hidden_late";
    return [{ side, kind: "note", from, to, word, args }];
  }
  const isLost = run.controls.away === "locked";
  if (came.length === 0) return [{ side, kind: "gap", from, to, word: isLost ? "finding.asleep.lost" : "finding.asleep.frozen_quiet", args }];

  /** @type {Finding[]} */
  const list = [{ side, kind: "gap", from, to, word: isLost ? "finding.asleep.lost_after" : "finding.asleep.frozen", args }];
  const [oldest] = came;
  if (delays.length > 0) {
    list.push({ side, kind: "good", from: oldest.at + delays[0], word: "finding.asleep.at_once", args: { numbers: came.length, late: Math.round(delays[0]) }, decides: side === "sse" });
  }
  return list;
}

/**
 * A connection that was lost while the page was away, and seems open.
 * @param {Exchange} open
 * @param {Exchange | undefined} next
 * @param {Absence} absence
 * @param {Run} run
 * @returns {Finding[]}
 */
function ofLost({ side, end }, next, { to, isOver }, run) {
  if (run.controls.away !== "locked" || !isOver || (end && end.at <= to)) return [];
  const until = end?.at ?? latest(run);
  /** @type {Finding[]} */
  const list = [{ side, kind: "gap", from: to, to: until, word: "finding.asleep.dead", args: { ms: Math.round(until - to) }, decides: side === "sse" }];
  if (end?.by === "server" && !next && side === "ws") list.push({ side, kind: "cut", from: end.at, word: "finding.asleep.nobody", args: {} });
  return list;
}

/**
 * The first connection that was made after the page was back.
 * @param {Exchange[]} all
 * @param {Absence} absence
 * @param {Run} run
 * @returns {Finding[]}
 */
function ofReturn(all, { to, isOver }, run) {
  const back = isOver ? all.find((exchange) => exchange.at >= to - 50 && (isStream(exchange) || isSocket(exchange))) : undefined;
  if (!back) return [];
  const after = Number(back.lastEventId || back.address.searchParams.get("from"));
  const ms = Math.max(0, Math.round(back.at - to));
  const moment = { side: back.side, from: back.at, decides: true };
  const before = all.filter(({ at }) => at < back.at).flatMap((exchange) => numbersOf(exchange, run));
  if (!after) return before.length > 0 ? [{ ...moment, kind: "note", word: "finding.asleep.anew", args: { ms } }] : [];

  // The counting began when no number had come too soon.
  const { every } = run.controls;
  const came = numbersOf(back, run);
  const begun = Math.min(...[...before, ...came].map(({ n, at }) => at - n * every));
  const numbers = came.filter(({ n }) => n > after && begun + n * every <= back.answered).length;
  return [{ ...moment, kind: "good", word: numbers > 0 ? "finding.asleep.made_up" : "finding.asleep.missed_none", args: { ms, after, numbers } }];
}

/** @param {Exchange} exchange @param {Run} run @returns {{n: number, at: number}[]} */
function numbersOf(exchange, run) {
  return itemsOf(exchange, run.capture).map(({ data, at }) => ({ n: Number(data), at }));
}
