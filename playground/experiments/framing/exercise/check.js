// @ts-check
// A stream is to make this browser dispatch `price` with two lines of data, and
// then to commit an id without an event.

import { exchanges, isStream } from "../../../../static/js/lib/exchanges.js";
import { verdict } from "../../../../static/js/lib/verdict.js";

/**
 * @param {import("../../../../static/js/lib/verdict.js").Evidence} evidence
 * @returns {import("../../../../static/js/lib/verdict.js").Verdict}
 */
export function check({ capture, reports }) {
  const messages = reports.filter(({ side, kind }) => side === "sse" && kind === "message");
  const prices = messages.filter(({ type }) => type === "price");
  const twoLines = prices.find(({ data }) => linesOf(data) === 2);

  // The browser keeps the last event ID to itself. What it is after the last
  // line follows from the bytes that it was sent.
  const stream = exchanges(capture).findLast(isStream);
  const state = stream?.got.findLast((frame) => frame.sse)?.sse ?? { id: "", lastEventId: "" };
  const last = messages.at(-1)?.lastEventId ?? "";
  const committed = messages.length > 0 && state.lastEventId !== last;
  const ids = { id: state.lastEventId, last };

  /** @type {import("../../../../static/js/lib/verdict.js").Verdict["checks"]} */
  const checks = [
    twoLines
      ? { ok: true, word: "exercise.framing.price", args: { data: quoted(twoLines.data) } }
      : prices.length > 0
        ? { ok: false, word: "exercise.framing.lines", args: { lines: linesOf(prices[0].data), data: quoted(prices[0].data) } }
        : messages.length > 0
          ? { ok: false, word: "exercise.framing.types", args: { types: messages.map(({ type }) => type).join(", ") } }
          : { ok: false, word: "exercise.framing.nothing", args: {} },
    committed
      ? { ok: true, word: "exercise.framing.committed", args: ids }
      : state.id !== state.lastEventId
        ? { ok: false, word: "exercise.framing.waiting", args: { ...ids, id: state.id } }
        : { ok: false, word: "exercise.framing.unchanged", args: ids },
  ];

  // The hints go: the event; the id; the blank line at the end.
  const hint = !twoLines ? 1 : state.id === state.lastEventId ? 2 : 3;
  return verdict(checks, hint);
}

/** @param {string} data */
function linesOf(data) {
  return data.split("\n").length;
}

/** The data on one line. @param {string} data */
function quoted(data) {
  return JSON.stringify(data);
}
