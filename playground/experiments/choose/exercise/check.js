// @ts-check
// A feature that has moved to a WebSocket is to be as good as it was: every
// line once and in order, over a reset and over a silence.

import { arrivalsOf, endOf, matched, onlyBy, placeOf, reported, slack } from "../../../../static/js/lib/evidence.js";
import { exchanges, isSocket, messagesOf } from "../../../../static/js/lib/exchanges.js";
import { verdict } from "../../../../static/js/lib/verdict.js";

/** @typedef {import("../../../../static/js/lib/verdict.js").Check} Check */

/** How many beats may stay away before the client comes back, and how long that takes at least on a busy machine, in ms. */
const most = { beats: 10, grace: 2000 };

/**
 * @param {import("../../../../static/js/lib/verdict.js").Evidence} evidence
 * @returns {import("../../../../static/js/lib/verdict.js").Verdict}
 */
export function check({ capture, reports, controls, until = Infinity }) {
  const all = exchanges(capture);
  const sockets = all.filter(isSocket);
  const resets = sockets.filter(({ end }) => end?.by === "server" && end.how === "reset").length;
  const back = Math.max(0, sockets.length - 1);

  const arrivals = arrivalsOf(sockets, capture);
  const said = reported(reports);
  const { came, good, madeUp, twice } = matched(arrivals, said, lineOf, (value) => String(value?.line ?? value));
  const missing = Array.from({ length: controls.lines }, (_, i) => String(i + 1)).filter((line) => !good.some(({ name }) => name === line));
  const jump = good.find(({ name }, i) => i > 0 && Number(good[i - 1].name) > Number(name));
  const disorder = twice[0] ?? jump;
  const whole = came.get(String(controls.lines));

  // A client goes on after a line that had come, and not before what it reported.
  const lost = sockets.slice(1).find(({ at, address }) => {
    const before = (/** @type {Map<string, {at: number}> | undefined} */ list) => [...(list ?? [])].filter(([, item]) => item.at < at).map(([name]) => Number(name));
    const arrived = Math.max(0, ...before(came));
    const accepted = Math.max(0, ...before(new Map(good.map(({ name, report }) => [name, report]))));
    const from = Number(address.searchParams.get("from") ?? 0);
    return !(from >= Math.min(accepted, arrived) && from <= arrived);
  });
  const after = whole && sockets.find(({ at }) => at > whole.at + slack);

  // How long a client has stayed where nothing came.
  const silences = sockets.map((socket) => {
    const last = Math.max(socket.answered, ...messagesOf(socket.got).map(({ time }) => time - capture.clockOffset));
    return { socket, ms: Math.round((socket.end?.at ?? until) - last) };
  });
  const endured = silences.find(({ ms }) => Number.isFinite(ms) && ms > most.beats * controls.beat + most.grace);

  /** @type {(Check | undefined)[]} */
  const checks = [
    { ok: resets >= 1 && back >= 1, word: "exercise.choose.reset", args: { resets, back }, place: endOf(sockets[0]) },
    endured
      ? { ok: false, final: true, word: "exercise.choose.endured", args: { ms: endured.ms, every: controls.beat }, place: placeOf(endured.socket.got.at(-1)) }
      : { ok: back >= 2, word: "exercise.choose.silence", args: { back }, place: endOf(sockets.at(-1)) },
    lost
      ? { ok: false, final: true, word: "exercise.choose.lost", args: { from: lost.address.searchParams.get("from") ?? "–" }, place: placeOf(lost.sent[0]) }
      : undefined,
    missing.length === 0
      ? { ok: true, word: "exercise.choose.all", args: { lines: controls.lines } }
      : { ok: false, word: "exercise.choose.missing", args: { lines: missing.join(", ") }, place: placeOf(came.get(missing[0])?.frame) },
    madeUp.length > 0
      ? { ok: false, final: true, word: "exercise.choose.early", args: { lines: named(madeUp) }, place: placeOf(madeUp[0].arrival?.frame) }
      : undefined,
    disorder
      ? { ok: false, final: true, word: "exercise.choose.order", args: { lines: said.map(({ value }) => String(value?.line ?? value)).join(", ") }, place: placeOf(disorder.arrival.frame) }
      : good.length > 0
        ? { ok: true, word: "exercise.choose.once", args: {} }
        : undefined,
    after ? { ok: false, final: true, word: "exercise.choose.after", args: {}, place: placeOf(after.sent[0]) } : undefined,
    onlyBy(all, "ws"),
  ];

  // The hints go: connect again and go on; notice the silence; what a watchdog
  // is set back by.
  const hint = back === 0 ? 1 : back < 2 ? 2 : 3;
  return verdict(checks, hint);
}

/** The number of a line, undefined for a beat. @param {{data: string}} arrival */
function lineOf({ data }) {
  return /"line":(\d+)/.exec(data)?.[1];
}

/** @param {{name: string}[]} list */
function named(list) {
  return list.map(({ name }) => name).join(", ");
}
