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
 * @property {number} [to] absent for a moment
 * @property {`finding.${string}.${string}`} word the key of its words, written out where the finding is made: what is missing is found at the start
 * @property {Record<string, unknown>} args
 * @property {number} [seen] when the frame came in which it is seen, where that is not at "from"
 * @property {string} [field] the field in which it is seen
 * @property {boolean} [decides] whether the lesson's question is answered here: after the run this is shown
 *
 * @typedef {object} Run
 * @property {import("./capture.js").Capture} capture
 * @property {import("./sandbox.js").Report[]} reports
 * @property {Record<string, any>} controls
 * @property {number} started epoch ms of the browser's clock
 * @property {number} [ended] the same, once the run has ended
 */

/**
 * Findings in the order in which they happened.
 * @param {Finding[]} findings
 */
export function inOrder(findings) {
  return findings.toSorted((a, b) => a.from - b.from);
}

/**
 * The last moment that is known of a run: where a gap ends that is still open.
 * @param {Run} run
 */
export function latest({ capture, reports, started, ended = Infinity }) {
  let last = Math.max(started, reports.at(-1)?.at ?? started);
  const see = (/** @type {number} */ time) => (last = Math.max(last, time - capture.clockOffset));
  for (const { segments, ends } of capture.connections.values()) {
    for (const list of [segments, ends]) see(list.at(-1)?.time ?? 0);
  }
  return Math.min(last, ended); // an idle connection may be closed minutes later
}

/**
 * The finding that decides what a run has shown: the one that the experiment
 * says, or else the first trouble, or else the first of all.
 * @param {Finding[]} findings
 */
export function deciding(findings) {
  return findings.find(({ decides }) => decides) ?? findings.find(({ kind }) => kind === "cut" || kind === "gap") ?? findings[0];
}
