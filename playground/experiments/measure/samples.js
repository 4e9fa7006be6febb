// @ts-check
// What the programs of a measuring experiment report, put together: each report
// is a round, {connect, first, push, roundTrip, ahead}, lists of milliseconds.

/** @typedef {import("../../../static/js/lib/sandbox.js").Report} Report */
/** @typedef {"sse" | "ws"} Side */
/** @typedef {"connect" | "first" | "push" | "roundTrip"} Kind */

/**
 * The samples of one side, in milliseconds.
 * @typedef {Record<Kind, number[]> & {rounds: number}} Samples
 *
 * @typedef {object} Measured
 * @property {Samples} sse
 * @property {Samples} ws
 * @property {number} error by how much the one-way times of both sides may be wrong, all in the same direction: ±ms
 */

/** What is measured, in the order in which it is shown. @type {Kind[]} */
export const kinds = ["connect", "first", "push", "roundTrip"];

/** @type {Side[]} */
export const sides = ["sse", "ws"];

/** A program that a learner has changed may report anything; no more than this of it is kept. */
const most = 1000;

/**
 * @param {Report[]} reports
 * @returns {Measured}
 */
export function samplesOf(reports) {
  const measured = { sse: none(), ws: none(), error: NaN };
  let fastest = Infinity;
  let ahead = 0; // of the server's clock, against the browser's
  for (const { kind, side, value } of reports) {
    if (kind !== "report" || typeof value !== "object" || value === null) continue;
    const samples = measured[side];
    samples.rounds++;
    for (const name of kinds) samples[name].push(...numbers(value[name]).slice(0, most - samples[name].length));
    // The answer of the fastest round trip says what the server's clock is with
    // the least error: half of that round trip. NTP does the same (RFC 5905 §10).
    const trips = Array.isArray(value.roundTrip) ? value.roundTrip : [];
    for (const [i, trip] of trips.entries()) {
      const clock = value.ahead?.[i];
      if (!Number.isFinite(trip) || !Number.isFinite(clock) || trip >= fastest) continue;
      fastest = trip;
      ahead = clock;
    }
  }
  // Both sides have the same clocks, so what is wrong with them is the same for
  // both, but for the coarseness of each worker's timeOrigin.
  for (const side of sides) measured[side].push = measured[side].push.map((raw) => raw + ahead);
  if (fastest < Infinity) measured.error = fastest / 2;
  return measured;
}

/** @returns {Samples} */
function none() {
  return { rounds: 0, connect: [], first: [], push: [], roundTrip: [] };
}

/** @param {unknown} list @returns {number[]} */
function numbers(list) {
  return Array.isArray(list) ? list.filter((value) => Number.isFinite(value)) : [];
}

/**
 * What is said of a distribution. A percentile is the smallest sample that so
 * many per cent of them do not exceed (nearest rank); where fewer than that
 * many samples could tell it from the largest, it is left out.
 * @typedef {{n: number, min: number, p50: number, p90?: number, p99?: number, max: number}} Summary
 */

/**
 * @param {number[]} samples
 * @returns {Summary | undefined} undefined where there is none
 */
export function summaryOf(samples) {
  if (samples.length === 0) return undefined;
  const sorted = samples.toSorted((a, b) => a - b);
  const n = sorted.length;
  const rank = (/** @type {number} */ part) => sorted[Math.ceil(part * n) - 1];
  return {
    n,
    min: sorted[0],
    p50: rank(0.5),
    ...(n >= 10 && { p90: rank(0.9) }),
    ...(n >= 100 && { p99: rank(0.99) }),
    max: sorted[n - 1],
  };
}

/**
 * The step of a clock: the smallest difference that it showed. Browsers make
 * performance.now() coarse on purpose, against attacks that measure time.
 * @param {() => number} clock in ms
 * @param {number} [looks] how often it is looked at, at most
 * @returns {number} ms
 */
export function stepOf(clock, looks = 20_000) {
  let step = Infinity;
  let changes = 0;
  let last = clock();
  for (let i = 0; i < looks && changes < 20; i++) {
    const now = clock();
    if (now === last) continue;
    step = Math.min(step, now - last);
    changes++;
    last = now;
  }
  return step;
}

/**
 * Milliseconds with as many digits as mean something: three figures, and not
 * beyond microseconds.
 * @param {number} ms
 */
export function milliseconds(ms) {
  const size = Math.abs(ms);
  return ms.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.995 ? 2 : 3);
}
