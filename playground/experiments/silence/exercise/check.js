// @ts-check
// A watchdog is to notice a dead line within three seconds of its last byte,
// and to raise no alarm on one that is only quiet or only slow.

import { onlyBy, placeOf, reported } from "../../../../static/js/lib/evidence.js";
import { exchanges, isStream } from "../../../../static/js/lib/exchanges.js";
import { verdict } from "../../../../static/js/lib/verdict.js";

/** @typedef {import("../../../../static/js/lib/verdict.js").Check} Check */

/** How long the line may be dead before the program says so, in ms. */
const limit = 3000;

/** How long its report may take to get here, on a busy machine. */
const grace = 2000;

/**
 * Dead is what comes after the line was quiet and slow, each once. The bytes
 * show both: numbers that stay away while heartbeats come, and bytes that stay
 * away while the line lives.
 * @param {import("../../../../static/js/lib/verdict.js").Evidence} evidence
 * @returns {import("../../../../static/js/lib/verdict.js").Verdict}
 */
export function check({ capture, reports, controls, until = Infinity }) {
  const exchanged = exchanges(capture);
  const stream = exchanged.find(isStream);
  const events = (stream?.got ?? []).filter((frame) => frame.sse?.event);
  const time = (/** @type {{time: number}} */ frame) => frame.time - capture.clockOffset;
  const all = events.map(time);
  const numbers = events.filter(({ sse }) => sse.event.type !== "heartbeat").map(time);

  const lived = Math.max(endOfGap(numbers, 0.8 * controls.pause), endOfGap(all, 0.8 * (controls.pause / 3)));
  const last = all.at(-1) ?? NaN;
  const alarms = reported(reports).filter(({ side, value }) => side === "sse" && value === "alarm").map(({ at }) => at);
  const early = alarms.find((at) => at < lived);
  const right = early === undefined ? alarms.find((at) => at > last) : undefined;
  const repeated = early === undefined && alarms.length > 1;

  const before = events.findLast((frame) => time(frame) < Number(early));
  const since = Math.round((early ?? NaN) - (before ? time(before) : NaN));
  const during = since > 1.5 * controls.interval ? "slow" : "quiet";
  const ms = Math.round((right ?? NaN) - last);
  const place = placeOf(events.at(-1));
  /** @type {(Check | undefined)[]} */
  const checks = [
    early === undefined
      ? { ok: Number.isFinite(lived), word: Number.isFinite(lived) ? "exercise.silence.calm" : "exercise.silence.unseen", args: {}, place }
      : {
          ok: false,
          final: true,
          word: before === undefined ? "exercise.silence.false_start" : during === "slow" ? "exercise.silence.false_slow" : "exercise.silence.false_quiet",
          args: { ms: since },
          place: placeOf(before),
        },
    right === undefined
      ? { ok: false, final: Number.isFinite(lived) && until > last + limit + grace, word: "exercise.silence.unnoticed", args: { limit }, place }
      : { ok: ms <= limit, final: true, word: ms <= limit ? "exercise.silence.noticed" : "exercise.silence.late", args: { ms, limit }, place },
    repeated ? { ok: false, final: true, word: "exercise.silence.repeated", args: { alarms: alarms.length }, place } : undefined,
    onlyBy(exchanged, "sse"),
  ];

  // The hints go: what else shows that the line lives; how long slow may be;
  // how long dead may be.
  const hint = early === undefined ? 3 : during === "slow" ? 2 : 1;
  return verdict(checks, hint);
}

/**
 * When a gap of at least so many ms was over, Infinity for never.
 * @param {number[]} times in order
 * @param {number} least
 */
function endOfGap(times, least) {
  return times.find((time, i) => i > 0 && time - times[i - 1] >= least) ?? Infinity;
}
