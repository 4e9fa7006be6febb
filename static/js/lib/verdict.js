// @ts-check
/**
 * An exercise is checked on evidence: what was on the wire, and what the
 * learner's program reported. Each has a module with check(evidence), which is
 * asked while the program runs and at the end.
 *
 * @typedef {object} Evidence
 * @property {import("./capture.js").Capture} capture all that was recorded until then
 * @property {import("./sandbox.js").Report[]} reports those made until then
 * @property {Record<string, any>} controls
 * @property {number} [until] when that is, in epoch ms of the browser's clock; not set at the end
 *
 * @typedef {object} Check what was expected, and what was seen
 * @property {boolean} ok
 * @property {string} word
 * @property {Record<string, unknown>} args
 * @property {boolean} [final] not ok, and nothing that may still come can mend it
 * @property {Place} [place] where in the bytes it is to be seen
 *
 * @typedef {{connection: number, from: "client"|"server", offset: number}} Place
 *
 * @typedef {object} Verdict
 * @property {boolean} passed
 * @property {boolean} decided it will not pass, whatever comes
 * @property {Check[]} checks
 * @property {number} hint the hint that would help now, counted from 1; 0 for none
 */

/**
 * @param {(Check | undefined)[]} all without those that have nothing to say
 * @param {number} hint for when they do not all pass
 * @returns {Verdict}
 */
export function verdict(all, hint) {
  const checks = all.filter((check) => check !== undefined);
  const passed = checks.every((check) => check.ok);
  const decided = checks.some(({ ok, final }) => !ok && final === true);
  return { passed, decided, checks, hint: passed ? 0 : hint };
}
