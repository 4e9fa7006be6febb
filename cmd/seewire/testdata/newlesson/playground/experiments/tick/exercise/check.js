// @ts-check
import { verdict } from "../../../../static/js/lib/verdict.js";

/**
 * The sum of all numbers is to be reported.
 * @param {import("../../../../static/js/lib/verdict.js").Evidence} evidence
 */
export function check({ reports, controls }) {
  const sum = (controls.count * (controls.count + 1)) / 2;
  const reported = reports.find(({ kind }) => kind === "report")?.value ?? "–";
  return verdict([{ ok: reported === sum, word: "exercise.tick.sum", args: { sum, reported } }], 1);
}
