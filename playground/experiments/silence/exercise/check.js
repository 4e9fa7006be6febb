// @ts-check
// A watchdog is to notice a dead line within three seconds of its last byte,
// and to raise no alarm on one that is only quiet or only slow.

import { exchanges, isStream } from "../../../../static/js/lib/exchanges.js";
import { verdict } from "../../../../static/js/lib/verdict.js";

/** How long the line may be dead before the program says so, in ms. */
const limit = 3000;

/**
 * Dead is what comes after the line was quiet and slow, each once. The bytes
 * show both: numbers that stay away while heartbeats come, and bytes that stay
 * away while the line lives.
 * @param {import("../../../../static/js/lib/verdict.js").Evidence} evidence
 * @returns {import("../../../../static/js/lib/verdict.js").Verdict}
 */
export function check({ capture, reports, controls }) {
  const stream = exchanges(capture).find(isStream);
  const events = (stream?.got ?? []).filter((frame) => frame.sse?.event);
  const time = (/** @type {{time: number}} */ frame) => frame.time - capture.clockOffset;
  const all = events.map(time);
  const numbers = events.filter(({ sse }) => sse.event.type !== "heartbeat").map(time);

  const lived = Math.max(endOfGap(numbers, 0.8 * controls.pause), endOfGap(all, 0.8 * (controls.pause / 3)));
  const last = all.at(-1) ?? NaN;
  const alarms = reports.filter(({ side, kind }) => side === "sse" && kind === "report").map(({ at }) => at);
  const early = alarms.find((at) => at < lived);
  const right = early === undefined ? alarms.find((at) => at > last) : undefined;

  const since = Math.round((early ?? NaN) - (all.findLast((at) => at < Number(early)) ?? NaN));
  const during = since > 1.5 * controls.interval ? "slow" : "quiet";
  const ms = Math.round((right ?? NaN) - last);
  /** @type {import("../../../../static/js/lib/verdict.js").Verdict["checks"]} */
  const checks = [
    early === undefined
      ? { ok: Number.isFinite(lived), word: Number.isFinite(lived) ? "exercise.silence.calm" : "exercise.silence.unseen", args: {} }
      : { ok: false, word: during === "slow" ? "exercise.silence.false_slow" : "exercise.silence.false_quiet", args: { ms: since } },
    right === undefined
      ? { ok: false, word: "exercise.silence.unnoticed", args: { limit } }
      : { ok: ms <= limit, word: ms <= limit ? "exercise.silence.noticed" : "exercise.silence.late", args: { ms, limit } },
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
