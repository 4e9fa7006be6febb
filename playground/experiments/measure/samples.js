// @ts-check
// What the programs of a measuring experiment report, put together: each report
// is a round, {connect, first, push, roundTrip, ahead}, lists of milliseconds.

/** @typedef {import("../../../static/js/lib/sandbox.js").Report} Report */
/** How messages come: over a side's stream, or by a program beside it. @typedef {"sse" | "longpoll" | "poll" | "ws"} Way */
/** @typedef {"connect" | "first" | "push" | "roundTrip"} Kind */

/**
 * The samples of one way, in milliseconds.
 * @typedef {Record<Kind, number[]> & {rounds: number}} Samples
 *
 * @typedef {Record<Way, Samples> & {error: number}} Measured
 * error is by how much the one-way times of all may be wrong, all in the same direction: ±ms
 */

/** What is measured, in the order in which it is shown. @type {Kind[]} */
export const kinds = ["connect", "first", "push", "roundTrip"];

/** The keys of their names, in the order in which they are shown. */
export const names = /** @type {const} */ ({
  sse: "picture.measure.sse",
  longpoll: "picture.measure.longpoll",
  poll: "picture.measure.poll",
  ws: "picture.measure.ws",
});

export const ways = /** @type {Way[]} */ (Object.keys(names));

/** A program that a learner has changed may report anything; no more than this of it is kept. */
const most = 1000;

/**
 * @param {Report[]} reports
 * @returns {Measured}
 */
export function samplesOf(reports) {
  const measured = { sse: none(), longpoll: none(), poll: none(), ws: none(), error: NaN };
  let fastest = Infinity;
  let ahead = 0; // of the server's clock, against the browser's
  for (const { kind, side, beside, value } of reports) {
    if (kind !== "report" || typeof value !== "object" || value === null) continue;
    const samples = measured[/** @type {Way} */ (beside ?? side)];
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
  // All have the same clocks, so what is wrong with them is the same for all, but
  // for the coarseness of each worker's timeOrigin.
  for (const way of ways) measured[way].push = measured[way].push.map((raw) => raw + ahead);
  if (fastest < Infinity) measured.error = fastest / 2;
  return measured;
}

/** How many samples a way has when its rounds are over. @param {Way} way @param {Record<string, any>} controls */
export function allOf(way, { rounds, each }) {
  return rounds * (Math.min(1, each) + each + (way === "sse" || way === "ws" ? 1 + each : 0));
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
 * Milliseconds with as many digits as mean something: three figures, and not
 * beyond microseconds.
 * @param {number} ms
 */
export function milliseconds(ms) {
  const size = Math.abs(ms);
  return ms.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.995 ? 2 : 3);
}
