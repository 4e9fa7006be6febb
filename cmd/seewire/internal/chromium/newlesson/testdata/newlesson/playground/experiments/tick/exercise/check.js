// @ts-check
import { arrivalsOf, reported, slack } from "../../../../static/js/lib/evidence.js";
import { exchanges, isStream } from "../../../../static/js/lib/exchanges.js";
import { verdict } from "../../../../static/js/lib/verdict.js";

/**
 * The sum of all numbers is to be reported, once they have come.
 * @param {import("../../../../static/js/lib/verdict.js").Evidence} evidence
 */
export function check({ capture, reports, controls }) {
  const sum = (controls.count * (controls.count + 1)) / 2;
  const [report] = reported(reports);
  const numbers = arrivalsOf(exchanges(capture).filter(isStream), capture).filter(({ at }) => at <= report?.at + slack);
  const ok = numbers.length === controls.count && report.value === sum;
  return verdict([{ ok, word: "exercise.tick.sum", args: { sum, reported: report?.value ?? "–" } }], 1);
}
