// @ts-check
// A feature that has moved to a WebSocket is to be as good as it was: every
// line once and in order, over a reset and over a silence.

import { exchanges, isSocket } from "../../../../static/js/lib/exchanges.js";
import { verdict } from "../../../../static/js/lib/verdict.js";

/**
 * @param {import("../../../../static/js/lib/verdict.js").Evidence} evidence
 * @returns {import("../../../../static/js/lib/verdict.js").Verdict}
 */
export function check({ capture, reports, controls }) {
  const sockets = exchanges(capture).filter(isSocket);
  const resets = sockets.filter(({ end }) => end?.by === "server" && end.how === "reset").length;
  const back = Math.max(0, sockets.length - 1);

  const expected = Array.from({ length: controls.lines }, (_, i) => i + 1);
  const reported = reports.filter(({ side, kind }) => side === "ws" && kind === "report").map(({ value }) => Number(value));
  const missing = expected.filter((line) => !reported.includes(line));
  const right = reported.length === expected.length && reported.every((line, i) => line === expected[i]);

  /** @type {import("../../../../static/js/lib/verdict.js").Verdict["checks"]} */
  const checks = [
    { ok: resets >= 1 && back >= 1, word: "exercise.choose.reset", args: { resets, back } },
    { ok: back >= 2, word: "exercise.choose.silence", args: { back } },
    missing.length === 0
      ? { ok: true, word: "exercise.choose.all", args: { lines: controls.lines } }
      : { ok: false, word: "exercise.choose.missing", args: { lines: missing.join(", ") } },
    { ok: right, word: right ? "exercise.choose.once" : "exercise.choose.order", args: { lines: reported.join(", ") } },
  ];

  // The hints go: connect again and go on; notice the silence; what a watchdog
  // is set back by.
  const hint = back === 0 ? 1 : back < 2 ? 2 : 3;
  return verdict(checks, hint);
}
