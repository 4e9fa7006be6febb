// @ts-check
// The wave of clients that come back after a restart, as the service's own
// samples tell it.

/**
 * @typedef {object} Sample what happened in the 200 ms before it, and how things stand
 * @property {number} n
 * @property {number} at ms since the run began, on the server's clock
 * @property {"up"|"down"|"draining"} server
 * @property {number} restarted when the server was, in ms since the run began; 0 before
 * @property {number} connected
 * @property {number} attempts
 * @property {number} refused
 * @property {number} delivered
 * @property {number} replayed
 * @property {number} lag ms
 * @property {number} lost
 * @property {number} gone
 * @property {number} goroutines
 * @property {number} heap kB
 *
 * @typedef {object} Wave
 * @property {Sample[]} samples that have arrived, by their numbers
 * @property {number} began when the run did, in epoch ms of the browser's clock
 * @property {number} clients that were connected before the restart
 * @property {number} [restart] when it was, in ms since the run began; absent as long as there is none
 * @property {number} attempts since the restart
 * @property {number} refused
 * @property {number} replayed
 * @property {Sample} [peak] the sample with the most attempts
 * @property {Map<Sample, import("../../../static/js/lib/sandbox.js").Report>} told what brought each of the samples
 * @property {Sample} [back] the first in which all are back that ever will be
 */

/** How much time a sample is about, in ms. */
export const sampled = 200;

/**
 * The same, to ten, of one of them: a slow machine takes them later.
 * @param {Sample[]} samples in their order
 * @param {Sample} sample
 */
export function spanOf(samples, sample) {
  const before = samples.findLast(({ n }) => n === sample.n - 1);
  return before ? Math.round((sample.at - before.at) / 10) * 10 : sampled;
}

/**
 * @param {import("../../../static/js/lib/sandbox.js").Report[]} reports
 * @param {"sse"|"ws"} side
 * @returns {Wave}
 */
export function waveOf(reports, side) {
  /** @type {Map<number, Sample>} */
  const byNumber = new Map();
  /** @type {Wave["told"]} */
  const told = new Map();
  let began = Infinity;
  for (const report of reports) {
    if (report.side !== side || report.kind !== "message") continue;
    const sample = sampleIn(report.data);
    if (!sample || byNumber.has(sample.n)) continue;
    byNumber.set(sample.n, sample);
    told.set(sample, report);
    began = Math.min(began, report.at - sample.at); // what was replayed came later
  }
  const samples = [...byNumber.values()].sort((a, b) => a.n - b.n);
  const first = samples.findIndex(({ restarted }) => restarted > 0);
  const quiet = first < 0 ? samples : samples.slice(0, first);
  const clients = Math.max(0, ...quiet.map(({ connected }) => connected));
  /** @type {Wave} */
  const wave = { samples, began, clients, attempts: 0, refused: 0, replayed: 0, told };
  if (first < 0) return wave;

  const after = samples.slice(first);
  wave.restart = after[0].restarted;
  for (const sample of after) {
    wave.attempts += sample.attempts;
    wave.refused += sample.refused;
    wave.replayed += sample.replayed;
    if (sample.attempts > (wave.peak?.attempts ?? 0)) wave.peak = sample;
  }
  wave.back = after.find(({ server, connected, gone }) => server === "up" && connected >= clients - gone);
  return wave;
}

/**
 * The message of a service, if it is one.
 * @param {unknown} data
 * @returns {Sample|undefined}
 */
function sampleIn(data) {
  try {
    const sample = JSON.parse(String(data));
    return Number.isInteger(sample.n) && Number.isFinite(sample.at) ? sample : undefined;
  } catch {
    return undefined;
  }
}
