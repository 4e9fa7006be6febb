// @ts-check
// Twelve sockets are to come back after a restart: not all at once, all of them
// soon, and with nothing lost.

import { valueOf } from "../../../../static/js/lib/capture.js";
import { endOf, onlyBy, placeOf } from "../../../../static/js/lib/evidence.js";
import { exchanges, messagesOf } from "../../../../static/js/lib/exchanges.js";
import { verdict } from "../../../../static/js/lib/verdict.js";

/**
 * @typedef {import("../../../../static/js/lib/exchanges.js").Exchange} Exchange
 * @typedef {import("../../../../static/js/lib/verdict.js").Check} Check
 */

const span = 250; // ms
const most = 6; // attempts in that time
const seconds = 6; // from the restart, for all to be back

/**
 * @param {import("../../../../static/js/lib/verdict.js").Evidence} evidence
 * @returns {import("../../../../static/js/lib/verdict.js").Verdict}
 */
export function check({ capture, controls, until = Infinity }) {
  const all = exchanges(capture);
  const sockets = all.filter(({ side }) => side === "ws");
  const cuts = sockets.filter(({ status, end }) => status === 101 && end?.by === "server" && end.how === "reset");
  if (cuts.length < controls.clients) {
    const args = { clients: controls.clients, sockets: cuts.length };
    return verdict([{ ok: false, word: "exercise.many.restart", args, place: endOf(sockets.at(-1)) }, onlyBy(all, "ws")], 1);
  }
  const restart = Math.min(...cuts.map(({ end }) => end?.at ?? Infinity));
  const goodbye = sockets.find(({ end }) => end?.by === "server" && end.how === "close");
  const over = goodbye?.end?.at ?? Infinity;
  const after = sockets.filter(({ at }) => at > over);
  const attempts = sockets.filter(({ at }) => at > restart && at <= over);
  const fullest = largest(attempts.map(({ at }) => at));
  const crowd = attempts.find(({ at }) => attempts.filter((other) => other.at >= at && other.at < at + span).length === fullest);

  const deadline = restart + 1000 * seconds;
  const returned = attempts.filter(({ status, at }) => status === 101 && at <= deadline);
  const late = attempts.filter(({ status }) => status === 101).length - returned.length;

  // What was published before the cut has arrived: the last was 200 ms old.
  const had = cuts.map((socket) => lastNumber(socket));
  const [least, greatest] = [Math.min(...had), Math.max(...had)];
  const wrong = returned.filter(({ address }) => {
    const from = Number(address.searchParams.get("from"));
    return !(from >= least && from <= greatest);
  });

  const wave = { most: fullest, limit: most, ms: span, attempts: attempts.length };
  const back = { clients: controls.clients, back: returned.length, late, seconds };
  /** @type {(Check | undefined)[]} */
  const checks = [
    { ok: true, word: "exercise.many.cut", args: { sockets: cuts.length } },
    { ok: attempts.length > 0 && fullest <= most, final: fullest > most, word: attempts.length > 0 ? "exercise.many.wave" : "exercise.many.nobody", args: wave, place: placeOf(crowd?.sent[0]) ?? endOf(cuts[0]) },
    { ok: returned.length >= controls.clients, final: until > deadline, word: "exercise.many.back", args: back, place: endOf(cuts[0]) },
    wrong.length === 0
      ? { ok: returned.length > 0, word: returned.length > 0 ? "exercise.many.resumed" : "exercise.many.gone", args: { from: greatest } }
      : { ok: false, final: true, word: "exercise.many.lost", args: { sockets: wrong.length, back: returned.length, from: greatest }, place: placeOf(wrong[0].sent[0]) },
    after.length > 0 ? { ok: false, final: true, word: "exercise.many.after", args: { sockets: after.length }, place: placeOf(after[0].sent[0]) } : undefined,
    onlyBy(all, "ws"),
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
