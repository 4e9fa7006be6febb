// @ts-check
// What a timeline says of what happened, in words.

import { word } from "../../lib/words.js";

/** @param {string} from @param {string} how */
export function endText(from, how) {
  const known = how === "fin" || how === "reset" ? how : "other";
  return word(`viewer.end.${known}`, { who: word(`viewer.from.${from}`), how });
}

/** @param {string} kind @param {any} report */
export function markText(kind, report) {
  if (report.code && kind === "throw") return word(`outcome.${report.code}`, { ...report });
  if (kind === "error" && report.message) return word("timeline.failed", { message: report.message });
  return word(`timeline.${kind}`, {
    code: report.code,
    reason: report.reason,
    message: report.message,
    state: report.readyState,
  });
}

/** @param {number} time in ms */
export function seconds(time) {
  return `${(time / 1000).toFixed(3)} s`;
}
