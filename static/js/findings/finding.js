// @ts-check
/**
 * A finding is a remark on a run, for the place on the timeline that it is
 * about. Each experiment has a module whose findings() makes them from what was
 * on the wire and what the programs reported. "gap" and "cut" are trouble.
 *
 * @typedef {object} Finding
 * @property {"sse"|"ws"} side
 * @property {"gap"|"cut"|"note"|"good"} kind
 * @property {number} from epoch ms of the browser's clock
 * @property {number} [to] absent for a moment; a gap without it has no end yet
 * @property {string} word the key of its words
 * @property {Record<string, unknown>} args
 *
 * @typedef {object} Run
 * @property {import("../lib/capture.js").Capture} capture
 * @property {import("../lib/sandbox.js").Report[]} reports
 * @property {Record<string, any>} controls
 * @property {number} started epoch ms of the browser's clock
 */

/**
 * Findings in the order in which they happened.
 * @param {Finding[]} findings
 */
export function inOrder(findings) {
  return findings.toSorted((a, b) => a.from - b.from);
}
