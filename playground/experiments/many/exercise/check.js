// @ts-check
// Twelve sockets are to come back after a restart: not all at once, all of them
// soon, and with nothing lost.

import { valueOf } from "../../../../static/js/lib/capture.js";
import { exchanges, messagesOf } from "../../../../static/js/lib/exchanges.js";
import { verdict } from "../../../../static/js/lib/verdict.js";

/** @typedef {import("../../../../static/js/lib/exchanges.js").Exchange} Exchange */

const span = 250; // ms
const most = 6; // attempts in that time
const seconds = 6; // from the restart, for all to be back

/**
 * @param {import("../../../../static/js/lib/verdict.js").Evidence} evidence
 * @returns {import("../../../../static/js/lib/verdict.js").Verdict}
 */
export function check({ capture, controls }) {
  const sockets = exchanges(capture).filter(({ side }) => side === "ws");
  const cuts = sockets.filter(({ status, end }) => status === 101 && end?.by === "server" && end.how === "reset");
  if (cuts.length < controls.clients) {
    const args = { clients: controls.clients, sockets: cuts.length };
    return verdict([{ ok: false, word: "exercise.many.restart", args }], 1);
  }
  const restart = Math.min(...cuts.map(({ end }) => end?.at ?? Infinity));
  const attempts = sockets.filter(({ at }) => at > restart);
  const fullest = largest(attempts.map(({ at }) => at));

  const returned = attempts.filter(({ status, at }) => status === 101 && at <= restart + 1000 * seconds);
  const late = attempts.filter(({ status }) => status === 101).length - returned.length;

  // What was published before the cut has arrived: the last was 200 ms old.
  const had = cuts.map((socket) => lastNumber(socket));
  const [least, greatest] = [Math.min(...had), Math.max(...had)];
  const froms = returned.map(({ address }) => Number(address.searchParams.get("from")));
  const wrong = froms.filter((from) => !(from >= least && from <= greatest));

  const wave = { most: fullest, limit: most, ms: span, attempts: attempts.length };
  const back = { clients: controls.clients, back: returned.length, late, seconds };
  /** @type {import("../../../../static/js/lib/verdict.js").Verdict["checks"]} */
  const checks = [
    { ok: true, word: "exercise.many.cut", args: { sockets: cuts.length } },
    { ok: attempts.length > 0 && fullest <= most, word: attempts.length > 0 ? "exercise.many.wave" : "exercise.many.nobody", args: wave },
    { ok: returned.length >= controls.clients, word: "exercise.many.back", args: back },
    wrong.length === 0 && returned.length > 0
      ? { ok: true, word: "exercise.many.resumed", args: { from: greatest } }
      : { ok: false, word: "exercise.many.lost", args: { sockets: wrong.length, back: returned.length, from: greatest } },
  ];

  // The hints go: a moment of its own for each; how many in how long; the
  // number in the address.
  const hint = attempts.length === 0 || fullest > most ? 1 : returned.length < controls.clients ? 2 : 3;
  return verdict(checks, hint);
}

/** How many of these times are within one span. @param {number[]} times in order */
function largest(times) {
  return Math.max(0, ...times.map((from) => times.filter((at) => at >= from && at < from + span).length));
}

/** The number of the last message that a socket got. @param {Exchange} socket */
function lastNumber({ got }) {
  const message = messagesOf(got).at(-1);
  try {
    return Number(JSON.parse((message && valueOf(message, "websocket.payload")) ?? "{}").n ?? 0);
  } catch {
    return 0;
  }
}
