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

/** What comes within so many ms of an answer's head was missed before. */
const atOnce = 300;

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
  return absencesOf(side, run).flatMap((absence) => {
    const open = all.find(({ at, end }) => at < absence.from && (end?.at ?? Infinity) > absence.from + closing);
    if (!open) return [ofClosed(side, absence), ...ofReturn(all, absence, run)];
    return [...ofOpen(open, absence, run), ...ofLost(open, nextOf(all, open), absence, run), ...ofReturn(all, absence, run)];
  });
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

/** @param {"sse" | "ws"} side @param {Absence} absence @returns {Finding} */
function ofClosed(side, { from, to }) {
  return { side, kind: "gap", from, to, word: "finding.asleep.closed", args: { ms: Math.round(to - from) } };
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
  const args = { ms: Math.round(to - from), numbers: came.length };
  if (!absence.frozen) return [{ side, kind: "note", from, to, word: "finding.asleep.hidden", args }];
  if (came.length === 0) return [{ side, kind: "gap", from, to, word: "finding.asleep.lost", args }];

  /** @type {Finding[]} */
  const list = [{ side, kind: "gap", from, to, word: "finding.asleep.frozen", args }];
  const [oldest] = came;
  const told = run.reports.find(({ side: its, kind, data, at }) => its === side && kind === "message" && data === oldest.data && at >= to);
  if (told) {
    const late = Math.round(told.at - oldest.at);
    list.push({ side, kind: "good", from: told.at, word: "finding.asleep.at_once", args: { numbers: came.length, late }, decides: side === "sse" });
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
  if (run.controls.away !== "locked" || !isOver) return [];
  const until = end?.at ?? latest(run);
  /** @type {Finding[]} */
  const list = [{ side, kind: "gap", from: to, to: until, word: "finding.asleep.dead", args: { ms: Math.round(until - to) }, decides: side === "sse" }];
  if (end && !next && side === "ws") list.push({ side, kind: "cut", from: end.at, word: "finding.asleep.nobody", args: {} });
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
  const after = Number(back?.lastEventId || back?.address.searchParams.get("from"));
  if (!back || !after) return [];
  const numbers = itemsOf(back, run.capture).filter(({ at }) => at < back.answered + atOnce).length;
  const args = { ms: Math.max(0, Math.round(back.at - to)), after, numbers };
  return [{ side: back.side, kind: "good", from: back.at, word: "finding.asleep.made_up", args, decides: true }];
}
