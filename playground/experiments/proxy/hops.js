// @ts-check
// A request that goes through a proxy is on the wire twice: from the browser to
// the proxy, and from the proxy to the server behind it.

import { exchanges, itemsOf } from "../../../static/js/lib/exchanges.js";
import { valueOf } from "../../../static/js/lib/capture.js";

/**
 * @typedef {import("../../../static/js/lib/exchanges.js").Exchange} Exchange
 * @typedef {import("../../../static/js/lib/capture.js").Capture} Capture
 *
 * @typedef {object} Way
 * @property {Exchange} front between the browser and the proxy
 * @property {Exchange} [behind] between the proxy and the server
 */

/** What is later than this, in ms, was held on the way. */
const late = 200;

/**
 * @param {Capture} capture
 * @returns {Way[]} in the order of the browser's requests
 */
export function ways(capture) {
  /** @type {Way[]} */
  const all = exchanges(capture).map((front) => ({ front }));
  for (const behind of exchanges(capture, "backend")) {
    const way = all.findLast(
      ({ front, behind: taken }) =>
        !taken && front.side === behind.side && front.address.href === behind.address.href && front.at <= behind.at,
    );
    if (way) way.behind = behind;
  }
  return all;
}

/**
 * What was held on the way: the first of it, when it was written and when it
 * passed, and the last that passed with it. Undefined where nothing was.
 * @param {Way} way
 * @param {Capture} capture
 */
export function heldOn({ front, behind }, capture) {
  if (!behind) return undefined;
  const wrote = itemsOf(behind, capture);
  const passed = itemsOf(front, capture);
  if (wrote.length === 0 || passed.length === 0 || passed[0].at - wrote[0].at < late) return undefined;
  const together = passed.filter(({ at }) => at - passed[0].at < late);
  return { first: wrote[0], passed: passed[0].at, last: together[together.length - 1].data, count: together.length };
}

/**
 * How a way was cut: by the proxy, or by the server behind it. "" where HTTP or
 * WebSocket came to its own end, the browser left, or the end behind the proxy is not known yet.
 * @param {Way} way
 * @returns {""|"proxy"|"server"}
 */
export function cutBy({ front, behind }) {
  const { end } = front;
  if (!behind?.end || !end || end.by === "client" || end.how === "complete" || end.how === "close") return "";
  return behind.end.by === "client" ? "proxy" : "server";
}

/**
 * Whether the proxy kept what a WebSocket's handshake needs.
 * @param {Way} way
 */
export function isStripped({ front, behind }) {
  const asks = (/** @type {Exchange} */ { sent }) => sent.some((frame) => valueOf(frame, "http.upgrade") !== undefined);
  return behind !== undefined && asks(front) && !asks(behind);
}

/**
 * Whether the answer was compressed on its way.
 * @param {Exchange} exchange
 */
export function isCompressed({ got }) {
  return got.some((frame) => valueOf(frame, "http.content_encoding") !== undefined);
}

/**
 * The fault that a way shows, by the names that the experiment has for them.
 * Undefined where it shows none.
 * @param {Way} way
 * @param {Capture} capture
 * @returns {"buffer"|"gzip"|"idle"|"upgrade"|"deadline"|undefined}
 */
export function faultOn(way, capture) {
  if (isStripped(way)) return "upgrade";
  const by = cutBy(way);
  if (by !== "") return by === "proxy" ? "idle" : "deadline";
  // After a 101 there is nothing to hold; what is late there was a busy machine.
  if (way.front.side === "sse" && heldOn(way, capture)) return isCompressed(way.front) ? "gzip" : "buffer";
  return undefined;
}
