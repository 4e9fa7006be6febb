// @ts-check
// What this browser has measured, kept for the lessons that come back to it.

import * as store from "./store.js";

const key = "measured";

/**
 * @typedef {import("./samples.js").Summary} Summary
 * @typedef {import("../findings/measure.js").Bytes} Bytes
 *
 * One side of the last whole run with no delay; times in ms.
 * @typedef {object} MeasuredSide
 * @property {Summary} connect from asking for a connection until it is open
 * @property {Summary} [first] until the first message
 * @property {Summary} [push] from the server to the browser, one way
 * @property {Summary} [roundTrip] a question and its answer
 * @property {Bytes} bytes on the wire for one message, without the connection's beginning
 *
 * @typedef {object} Kept
 * @property {string} at when, as an ISO 8601 time
 * @property {number} size bytes of a question
 * @property {string} protocol of the page: "h2", "http/1.1"
 * @property {MeasuredSide} sse
 * @property {MeasuredSide} ws
 */

/** @returns {Kept | undefined} what was measured last; undefined where nothing was */
export function readMeasured() {
  const kept = store.read(key);
  return kept?.sse?.connect && kept?.ws?.connect ? kept : undefined;
}

/** @param {Kept} kept */
export function keepMeasured(kept) {
  store.write(key, kept);
}
