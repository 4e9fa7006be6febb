// @ts-check
// The requests of the programs that ask again and again.

import { bytesOf } from "../../../static/js/lib/exchanges.js";

/** @typedef {import("../../../static/js/lib/exchanges.js").Exchange} Exchange */

/**
 * The requests of a program that asks again and again.
 * @param {Exchange[]} all
 * @param {"longpoll" | "poll"} way
 */
export function pollsIn(all, way) {
  return all.filter(({ address, status }) => address.pathname.endsWith("/poll") && status === 200 && address.searchParams.has("hold") === (way === "longpoll"));
}

/** The place from which a request asks on, "" where a round begins. @param {Exchange} exchange */
export function placeOf({ address }) {
  return address.searchParams.get("after") ?? "";
}

/**
 * What the messages of whole rounds took that had to be asked for. Those to warm up are
 * among them; the last round of a run that was stopped is not whole, and of a large
 * capture the first may be gone.
 * @param {Exchange[]} polls
 * @param {Record<string, any>} controls
 * @returns {import("./bytes.js").Bytes}
 */
export function bytesAsked(polls, { rounds, each, size }) {
  const begins = polls.flatMap((poll, i) => (placeOf(poll) === "" ? [i] : []));
  const whole = begins.length > rounds ? begins.length : begins.length - 1;
  const messages = whole * each;
  if (messages <= 0) return { text: {} };
  const known = polls.slice(begins[0], begins[whole]);
  const sum = (/** @type {"sent" | "got"} */ what) => known.reduce((sum, poll) => sum + bytesOf(poll[what]), 0) / messages;
  return { push: sum("got"), asked: sum("sent"), text: { push: size + stampLength } };
}

/** A message begins with its time and a blank. */
const stampLength = "1763805600123.456 ".length;
