// @ts-check
// A stream is to make this browser dispatch `price` with two lines of data, and
// then to commit an id without an event.

import { placeOf } from "../../../../static/js/lib/evidence.js";
import { exchanges, isStream } from "../../../../static/js/lib/exchanges.js";
import { verdict } from "../../../../static/js/lib/verdict.js";

/** @typedef {import("../../../../static/js/lib/verdict.js").Check} Check */

/**
 * @param {import("../../../../static/js/lib/verdict.js").Evidence} evidence
 * @returns {import("../../../../static/js/lib/verdict.js").Verdict}
 */
export function check({ capture, reports }) {
  const messages = reports.filter(({ side, kind }) => side === "sse" && kind === "message");
  const prices = messages.filter(({ type }) => type === "price");
  const twoLines = prices.find(({ data }) => linesOf(data) === 2);

  // The browser keeps the last event ID to itself. What it is after a line
  // follows from the bytes that it was sent.
  const frames = exchanges(capture).findLast(isStream)?.got.filter((frame) => frame.sse) ?? [];
  const events = frames.filter(({ sse }) => sse.event);
  const price = events.find(({ sse: { event } }) => event.type === "price" && (!twoLines || event.data === twoLines.data));
  const since = frames.indexOf(price ?? events[0]);
  const state = frames.at(-1)?.sse ?? { id: "", lastEventId: "" };

  // A block with an id and no data commits the id at its blank line.
  const seen = new Set([""]);
  let committed, repeated;
  for (const [i, frame] of frames.entries()) {
    const { lastEventId, event } = frame.sse;
    if (!event && since >= 0 && i > since && isSetIn(frames, i)) {
      if (seen.has(lastEventId)) repeated ??= frame;
      else committed ??= frame;
    }
    seen.add(lastEventId);
  }
  const last = events.at(-1)?.sse.event.lastEventId ?? "";

  /** @type {Check[]} */
  const checks = [
    twoLines
      ? { ok: true, word: "exercise.framing.price", args: { data: quoted(twoLines.data) } }
      : prices.length > 0
        ? { ok: false, word: "exercise.framing.lines", args: { lines: linesOf(prices[0].data), data: quoted(prices[0].data) }, place: placeOf(price) }
        : messages.length > 0
          ? { ok: false, word: "exercise.framing.types", args: { types: messages.map(({ type }) => type).join(", ") }, place: placeOf(events[0]) }
          : { ok: false, word: "exercise.framing.nothing", args: {}, place: placeOf(frames.at(-1)) },
    committed
      ? { ok: true, word: "exercise.framing.committed", args: { id: committed.sse.lastEventId, last } }
      : state.id !== state.lastEventId
        ? { ok: false, word: "exercise.framing.waiting", args: { id: state.id }, place: placeOf(frames.at(-1)) }
        : repeated
          ? { ok: false, word: "exercise.framing.repeated", args: { id: repeated.sse.lastEventId }, place: placeOf(repeated) }
          : { ok: false, word: "exercise.framing.unchanged", args: { id: state.lastEventId, last }, place: placeOf(events.at(-1)) },
  ];

  // The hints go: the event; the id; the blank line at the end.
  const hint = !twoLines ? 1 : state.id === state.lastEventId ? 2 : 3;
  return verdict(checks, hint);
}

/**
 * Whether a line is blank and ends a block that has an id.
 * @param {import("../../../../static/js/lib/capture.js").Frame[]} frames
 * @param {number} end
 */
function isSetIn(frames, end) {
  if (frames[end].kind !== "blank") return false;
  for (let i = end - 1; i >= 0 && frames[i].kind !== "blank"; i--) {
    if (frames[i].fields.some(({ name }) => name === "sse.id")) return true;
  }
  return false;
}

/** @param {string} data */
function linesOf(data) {
  return data.split("\n").length;
}

/** The data on one line. @param {string} data */
function quoted(data) {
  return JSON.stringify(data);
}
