// @ts-check
// A client that acts more slowly than prices come is to act on the newest one
// each time, without ever missing the last.

import { arrivalsOf, onlyBy, placeOf, slack } from "../../../../static/js/lib/evidence.js";
import { exchanges, isSocket } from "../../../../static/js/lib/exchanges.js";
import { verdict } from "../../../../static/js/lib/verdict.js";

/** @typedef {import("../../../../static/js/lib/verdict.js").Check} Check */

/** How often it has to act at least; there is time for more than twice that. */
const often = 4;

/**
 * What counts is the order in which the program got prices and reported them:
 * on a busy machine everything takes longer, but nothing changes places.
 * @param {import("../../../../static/js/lib/verdict.js").Evidence} evidence
 * @returns {import("../../../../static/js/lib/verdict.js").Verdict}
 */
export function check({ capture, reports, controls }) {
  const all = exchanges(capture);
  const arrivals = arrivalsOf(all.filter(isSocket), capture);
  const came = new Map(arrivals.map((arrival) => [numberOf(arrival.data), arrival]));

  let arrived = 0; // the newest price
  let newest = 0; // that had arrived when the program was free again
  /** @type {{n: number, at: number, newest: number}[]} */
  const acts = [];
  for (const { side, kind, data, value, at } of reports) {
    if (side !== "ws") continue;
    if (kind === "message") arrived = numberOf(data) || arrived;
    if (kind !== "report") continue;
    acts.push({ n: Number(value), at, newest });
    newest = arrived;
  }

  const total = controls.total;
  const last = acts.at(-1)?.n;
  const late = acts.filter(({ n, newest }) => !(n >= newest));
  const worst = late.toSorted((a, b) => b.newest - b.n - (a.newest - a.n))[0];
  // One had arrived when the program was free, and it waited for the next: now and
  // then a loop that looks at intervals does so, one that forgets does it always.
  const offered = acts.filter(({ newest }, i) => i > 0 && newest > acts[i - 1].n);
  const passedOver = offered.length > 1 && offered.every(({ n, newest }) => n > newest) ? offered[0] : undefined;
  const twice = acts.find(({ n }, i) => acts.slice(0, i).some((act) => act.n === n));
  // Timers are a little early at times, never by this much.
  const least = 0.8 * controls.work;
  const hasty = acts.find(({ at }, i) => i > 0 && at - acts[i - 1].at < least);
  // What is acted on has come before the act has begun.
  const early = acts.find(({ n, at }) => !(Number(came.get(n)?.at) <= at - least + slack));

  /** @type {(Check | undefined)[]} */
  const checks = [
    {
      ok: acts.length >= often,
      word: "exercise.pressure.acts",
      args: { acts: acts.length, often },
    },
    early
      ? { ok: false, final: true, word: "exercise.pressure.early", args: { n: early.n }, place: placeOf(came.get(early.n)?.frame) }
      : worst
        ? { ok: false, final: true, word: "exercise.pressure.old", args: { n: worst.n, newest: worst.newest, late: late.length }, place: placeOf(came.get(worst.newest)?.frame) }
        : passedOver
          ? { ok: false, word: "exercise.pressure.passed_over", args: { n: passedOver.n, newest: passedOver.newest }, place: placeOf(came.get(passedOver.newest)?.frame) }
          : acts.length > 0
            ? { ok: true, word: "exercise.pressure.newest", args: {} }
            : undefined,
    last === total
      ? { ok: true, word: "exercise.pressure.final", args: { total } }
      : { ok: false, word: "exercise.pressure.no_final", args: { total, last: last ?? "–" }, place: placeOf(came.get(total)?.frame) },
    hasty || twice
      ? {
          ok: false,
          final: true,
          word: hasty ? "exercise.pressure.hasty" : "exercise.pressure.twice",
          args: { n: (hasty ?? twice)?.n, work: controls.work },
          place: placeOf(came.get(Number((hasty ?? twice)?.n))?.frame),
        }
      : acts.length > 0
        ? { ok: true, word: "exercise.pressure.one_by_one", args: { work: controls.work } }
        : undefined,
    onlyBy(all, "ws"),
  ];

  // The hints go: keep one price, not a list; look again when an act is over;
  // what arrives during an act must not be forgotten.
  const hint = worst || early ? 1 : hasty || twice ? 2 : 3;
  return verdict(checks, hint);
}

/** The number of a price, 0 for what is none. @param {unknown} text */
function numberOf(text) {
  return Number(/^\{"n":(\d+)/.exec(String(text))?.[1] ?? 0);
}
