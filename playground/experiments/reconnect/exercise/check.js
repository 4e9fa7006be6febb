// @ts-check
// A WebSocket client is to survive two cuts, with nothing lost and nothing
// twice.

import { arrivalsOf, endOf, matched, onlyBy, placeOf, reported } from "../../../../static/js/lib/evidence.js";
import { exchanges, isSocket } from "../../../../static/js/lib/exchanges.js";
import { verdict } from "../../../../static/js/lib/verdict.js";

/**
 * @typedef {import("../../../../static/js/lib/verdict.js").Check} Check
 * @typedef {import("../../../../static/js/lib/exchanges.js").Exchange} Exchange
 */

/**
 * @param {import("../../../../static/js/lib/verdict.js").Evidence} evidence
 * @returns {import("../../../../static/js/lib/verdict.js").Verdict}
 */
export function check({ capture, reports, controls }) {
  const all = exchanges(capture);
  const sockets = all.filter(isSocket);
  const cuts = sockets.filter(({ end }) => end?.by === "server" && end.how === "reset").length;
  const goodbye = sockets.find(({ end }) => end?.by === "server" && end.how === "close");
  const after = goodbye && sockets.filter(({ at }) => at > (goodbye.end?.at ?? Infinity));

  const arrivals = arrivalsOf(sockets, capture);
  const numbers = reported(reports).map((report) => ({ ...report, value: Number(report.value) }));
  const { came, good, madeUp, twice } = matched(arrivals, numbers, ({ data }) => data, String);
  const missing = Array.from({ length: controls.total }, (_, i) => String(i + 1)).filter((number) => ![...good, ...madeUp].some(({ name }) => name === number));
  const jump = good.find(({ report }, i) => i > 0 && good[i - 1].report.value > report.value);
  const lost = sockets.slice(1).map((socket) => wrongFrom(socket, good.map(({ report }) => report), arrivals)).find((wrong) => wrong !== undefined);

  /** @type {(Check | undefined)[]} */
  const checks = [
    { ok: cuts >= 2, word: "exercise.reconnect.cuts", args: { cuts, sockets: sockets.length }, place: endOf(sockets.at(-1)) },
    lost
      ? { ok: false, final: true, word: "exercise.reconnect.restarted", args: lost.args, place: placeOf(lost.socket.sent[0]) }
      : { ok: sockets.length > 1, word: sockets.length > 1 ? "exercise.reconnect.resumed" : "exercise.reconnect.alone", args: { sockets: sockets.length }, place: endOf(sockets[0]) },
    good.length === controls.total
      ? { ok: true, word: "exercise.reconnect.all", args: { total: controls.total } }
      : missing.length > 0
        ? { ok: false, word: "exercise.reconnect.missing", args: { numbers: missing.join(", ") }, place: placeOf(came.get(missing[0])?.frame) }
        : undefined,
    madeUp.length > 0
      ? { ok: false, final: true, word: "exercise.reconnect.early", args: { numbers: named(madeUp) }, place: placeOf(madeUp[0].arrival?.frame) }
      : undefined,
    twice.length === 0
      ? good.length > 0
        ? { ok: true, word: "exercise.reconnect.once", args: {} }
        : undefined
      : { ok: false, final: true, word: "exercise.reconnect.twice", args: { numbers: named(twice) }, place: placeOf(twice[0].arrival.frame) },
    jump && { ok: false, final: true, word: "exercise.reconnect.unordered", args: { numbers: named(good) }, place: placeOf(jump.arrival.frame) },
    after && after.length > 0
      ? { ok: false, final: true, word: "exercise.reconnect.after", args: { sockets: after.length }, place: placeOf(after[0].sent[0]) }
      : undefined,
    onlyBy(all, "ws"),
  ];

  // The hints go: connect again; go on after the last number; go on after the
  // number that has arrived, not the one that is expected.
  const hint = sockets.length < 2 || after?.length ? 1 : lost || twice.length > 0 ? 2 : 3;
  return verdict(checks, hint);
}

/**
 * What a socket named to go on after, where that is neither what the program had
 * last accepted, nor what had arrived since.
 * @param {Exchange} socket
 * @param {{at: number, value?: any}[]} accepted reports of what had arrived
 * @param {import("../../../../static/js/lib/evidence.js").Arrival[]} arrivals
 */
function wrongFrom(socket, accepted, arrivals) {
  const said = socket.address.searchParams.get("from");
  const known = Math.max(0, ...accepted.filter(({ at }) => at < socket.at).map(({ value }) => value));
  const arrived = Math.max(0, ...arrivals.filter(({ at }) => at < socket.at).map(({ data }) => Number(data)));
  const from = Number(said ?? 0);
  if (from >= Math.min(known, arrived) && from <= arrived) return undefined;
  return { socket, args: { said: said ?? "–", last: arrived } };
}

/** @param {{name: string}[]} list */
function named(list) {
  return list.map(({ name }) => name).join(", ");
}
