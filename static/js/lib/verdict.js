// @ts-check
/**
 * An exercise is checked on evidence: what was on the wire, and what the
 * learner's program reported. Each has a module with check(evidence).
 *
 * @typedef {object} Evidence
 * @property {import("./capture.js").Capture} capture
 * @property {import("./sandbox.js").Report[]} reports
 * @property {Record<string, any>} controls
 *
 * @typedef {object} Verdict
 * @property {boolean} passed
 * @property {{ok: boolean, word: `exercise.${string}.${string}`, args: Record<string, unknown>}[]} checks what was expected, and what was seen
 * @property {number} hint the hint that would help now, counted from 1; 0 for none
 */

/**
 * @param {Verdict["checks"]} checks
 * @param {number} hint for when they do not all pass
 * @returns {Verdict}
 */
export function verdict(checks, hint) {
  const passed = checks.every((check) => check.ok);
  return { passed, checks, hint: passed ? 0 : hint };
}
