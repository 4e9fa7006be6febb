// @ts-check
// What a run of proxy shows: when the server wrote and when the proxy let it
// through, who cut, and what became of the handshake.

import { valueOf } from "../../../static/js/lib/capture.js";
import { isStream, itemsOf, nextOf } from "../../../static/js/lib/exchanges.js";
import { inOrder } from "../../../static/js/lib/finding.js";
import { cutBy, heldOn, isCompressed, isStripped, ways } from "./hops.js";

/**
 * @typedef {import("../../../static/js/lib/exchanges.js").Exchange} Exchange
 * @typedef {import("../../../static/js/lib/finding.js").Finding} Finding
 * @typedef {import("../../../static/js/lib/finding.js").Run} Run
 * @typedef {import("./hops.js").Way} Way
 */

/**
 * @param {Run} run
 * @returns {Finding[]}
 */
export function findings(run) {
  const all = ways(run.capture);
  const fronts = all.map(({ front }) => front);
  return inOrder(all.flatMap((way) => ofWay(way, nextOf(fronts.filter(({ side }) => side === way.front.side), way.front), run)));
}

/**
 * @param {Way} way
 * @param {Exchange|undefined} next the browser's next request on this side
 * @param {Run} run
 * @returns {Finding[]}
 */
function ofWay(way, next, run) {
  const { front } = way;
  const { side } = front;
  if (side === "ws" && front.status !== 101) return front.status ? [ofRefusal(way)] : [];
  if (side === "sse" && front.status === 204) {
    return [{ side, kind: "good", from: front.answered, word: "finding.proxy.goodbye", args: {} }];
  }
  return [...ofTime(way, run), ...ofHeartbeats(way, run), ...ofEnd(way, next, run)];
}

/**
 * @param {Way} way
 * @returns {Finding}
 */
function ofRefusal(way) {
  const { side, answered, status } = way.front;
  const word = isStripped(way) ? "finding.proxy.stripped" : "finding.proxy.refused";
  return { side, kind: "cut", from: answered, word, args: { status } };
}

/**
 * How long things took through the proxy.
 * @param {Way} way
 * @param {Run} run
 * @returns {Finding[]}
 */
function ofTime(way, { capture, started, ended, controls }) {
  const { front, behind } = way;
  const { side } = front;
  const passed = itemsOf(front, capture);
  const wrote = behind ? itemsOf(behind, capture) : [];
  if (wrote.length === 0) return [];
  if (passed.length === 0) {
    if (ended === undefined) return []; // it may still come
    const args = { count: wrote.length, last: wrote[wrote.length - 1].data };
    return [{ side, kind: "gap", from: wrote[0].at, to: front.end?.at ?? ended, word: "finding.proxy.kept", args }];
  }

  // What is late through a proxy that holds nothing was a busy machine.
  const held = holds(front, controls) ? heldOn(way, capture) : undefined;
  if (held) {
    const word = isCompressed(front) ? "finding.proxy.compressed" : "finding.proxy.held";
    const args = {
      first: held.first.data,
      last: held.last,
      count: held.count,
      wrote: seconds(held.first.at - started),
      got: seconds(held.passed - started),
    };
    return [{ side, kind: "gap", from: held.first.at, to: held.passed, word, args }];
  }
  const longest = Math.max(...passed.map(({ at, data }) => at - (wrote.find((item) => item.data === data)?.at ?? at)));
  const word = isCompressed(front) ? "finding.proxy.flushed" : "finding.proxy.through";
  return [{ side, kind: "good", from: passed[0].at, word, args: { ms: Math.max(1, Math.ceil(longest)) } }];
}

/**
 * Whether the proxy may hold what comes down on this side.
 * @param {Exchange} front
 * @param {Run["controls"]} controls
 */
function holds({ side }, { fault, remedy }) {
  const ends = { buffer: "header", gzip: "flush", surprise: "" };
  return side === "sse" && fault in ends && remedy !== ends[/** @type {keyof typeof ends} */ (fault)];
}

/**
 * What was sent only so that something is sent.
 * @param {Way} way
 * @param {Run} run
 * @returns {Finding[]}
 */
function ofHeartbeats({ front }, { capture, reports }) {
  const beats = front.got.filter(({ kind, length }) => (kind === "comment" && length > 1) || kind === "ping");
  // Code that reads the body sees comments.
  if (beats.length === 0 || reports.some(({ side, kind }) => side === front.side && kind === "read")) return [];
  const from = beats[0].time - capture.clockOffset;
  return [{ side: front.side, kind: "note", from, word: front.side === "sse" ? "finding.proxy.beats_sse" : "finding.proxy.beats_ws", args: { count: beats.length } }];
}

/**
 * @param {Way} way
 * @param {Exchange|undefined} next
 * @param {Run} run
 * @returns {Finding[]}
 */
function ofEnd(way, next, { capture }) {
  const { front, behind } = way;
  const { side, end } = front;
  const by = cutBy(way);
  if (!end || !behind) return [];
  /** @type {Finding[]} */
  const list = [];
  if (by === "" && side === "sse" && end.how === "complete" && isStream(front) && next) {
    list.push({ side, kind: "note", from: end.at, word: "finding.proxy.complete", args: {} });
  }
  if (by === "") return list;

  const last = behind.got.findLast(({ time }) => time - capture.clockOffset < end.at);
  const silence = end.at - ((last?.time ?? 0) - capture.clockOffset);
  list.push(
    by === "proxy"
      ? { side, kind: "cut", from: end.at, word: "finding.proxy.idle", args: { silence: seconds(silence) } }
      : { side, kind: "cut", from: end.at, word: "finding.proxy.broke_off", args: { age: seconds(end.at - behind.at) } },
  );
  if (next) {
    const id = valueOf(next.sent[0], "http.last_event_id");
    const args = { ms: Math.round(next.at - end.at), id };
    list.push({ side, kind: "gap", from: end.at, to: next.at, word: id ? "finding.proxy.again" : "finding.proxy.back", args });
  }
  return list;
}

/** @param {number} ms */
function seconds(ms) {
  return (ms / 1000).toFixed(2);
}
