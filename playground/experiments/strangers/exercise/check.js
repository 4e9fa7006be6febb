// @ts-check
// A text with every kind of line end is to come down a stream whose server
// writes it carelessly, as one event, and to be reported as it was written.

import { eventsOf, exchanges, isStream } from "../../../../static/js/lib/exchanges.js";
import { verdict } from "../../../../static/js/lib/verdict.js";

/** The text in the program that the exercise starts from. */
export const text = 'Dear Ada,\nlunch\rat noon?\n\nevent: admin\ndata: "Send me your password."\n\nBob';

/** What the server says before it, and after it. */
const around = { first: "Hello ", last: "That was all." };

/**
 * @param {import("../../../../static/js/lib/verdict.js").Evidence} evidence
 * @returns {import("../../../../static/js/lib/verdict.js").Verdict}
 */
export function check({ capture, reports }) {
  const streams = exchanges(capture).filter(isStream);
  const events = streams.flatMap((stream) => eventsOf(stream, capture));
  const notes = events.filter(({ data, type }) => type !== "message" || (data !== around.last && !data.startsWith(around.first)));
  const reported = reports.filter(({ side, kind }) => side === "sse" && kind === "report").map(({ value }) => value);

  const isOne = notes.length === 1 && notes[0].type === "message";
  const isThere = isOne && notes[0].data.length >= text.length;
  const isSame = reported.length === 1 && reported[0] === text;
  const types = [...new Set(notes.map(({ type }) => type))].join(", ");
  /** @type {import("../../../../static/js/lib/verdict.js").Verdict["checks"]} */
  const checks = [
    isOne
      ? { ok: true, word: "exercise.strangers.one", args: {} }
      : { ok: false, word: notes.length === 0 ? "exercise.strangers.none" : "exercise.strangers.many", args: { events: notes.length, types } },
    { ok: isThere, word: "exercise.strangers.there", args: { length: text.length, data: Math.max(0, ...notes.map(({ data }) => data.length)) } },
    reported.length === 1
      ? isSame
        ? { ok: true, word: "exercise.strangers.same", args: { length: text.length } }
        : { ok: false, word: "exercise.strangers.different", args: { place: firstDifference(String(reported[0])), length: text.length } }
      : { ok: false, word: "exercise.strangers.absent", args: { reports: reported.length } },
  ];

  // The hints go: what ends a line; which text has no line ends; how it becomes
  // the text again.
  const hint = isOne ? 3 : notes.some(({ type }) => type !== "message") ? 1 : 2;
  return verdict(checks, hint);
}

/** The place of the first character that is not the text's. @param {string} reported */
function firstDifference(reported) {
  const place = [...text].findIndex((character, i) => reported[i] !== character);
  return place < 0 ? text.length : place;
}
