// @ts-check
// A WebSocket client is to survive two cuts, with nothing lost and nothing
// twice.

import { exchanges } from "../../../../static/js/lib/exchanges.js";
import { verdict } from "../../../../static/js/lib/verdict.js";

/**
 * @param {import("../../../../static/js/lib/verdict.js").Evidence} evidence
 * @returns {import("../../../../static/js/lib/verdict.js").Verdict}
 */
export function check({ capture, reports, controls }) {
  const sockets = exchanges(capture).filter((exchange) => exchange.side === "ws");
  const cuts = sockets.filter(({ end }) => end?.by === "server" && end.how === "reset").length;

  const expected = Array.from({ length: controls.total }, (_, i) => i + 1);
  const reported = reports.filter(({ side, kind }) => side === "ws" && kind === "report").map(({ value }) => Number(value));
  const missing = expected.filter((number) => !reported.includes(number));
  const twice = expected.filter((number) => reported.indexOf(number) !== reported.lastIndexOf(number));
  const ordered = reported.every((number, i) => i === 0 || reported[i - 1] <= number);
  const others = reported.filter((number) => !expected.includes(number));

  /** @type {import("../../../../static/js/lib/verdict.js").Verdict["checks"]} */
  const checks = [
    { ok: cuts >= 2, word: "exercise.reconnect.cuts", args: { cuts, sockets: sockets.length } },
    missing.length === 0
      ? { ok: true, word: "exercise.reconnect.all", args: { total: controls.total } }
      : { ok: false, word: "exercise.reconnect.missing", args: { numbers: missing.join(", ") } },
    twice.length === 0
      ? { ok: true, word: "exercise.reconnect.once", args: {} }
      : { ok: false, word: "exercise.reconnect.twice", args: { numbers: twice.join(", ") } },
    ordered && others.length === 0
      ? { ok: true, word: "exercise.reconnect.ordered", args: {} }
      : { ok: false, word: "exercise.reconnect.unordered", args: { numbers: reported.join(", ") } },
  ];

  // The hints go: connect again; go on after the last number; go on after the
  // number that has arrived, not the one that is expected.
  const hint = cuts < 2 ? 1 : twice.length > 0 ? 2 : 3;
  return verdict(checks, hint);
}
