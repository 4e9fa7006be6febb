// @ts-check
// The answer to a POST is to be read from its stream, whose events are cut
// across reads and whose characters are cut inside.

import { eventsOf, exchanges, isStream } from "../../../../static/js/lib/exchanges.js";
import { verdict } from "../../../../static/js/lib/verdict.js";

/** How much of a text is shown around the place where it goes wrong, in characters. */
const shown = 12;

/**
 * @param {import("../../../../static/js/lib/verdict.js").Evidence} evidence
 * @returns {import("../../../../static/js/lib/verdict.js").Verdict}
 */
export function check({ capture, reports }) {
  const stream = exchanges(capture).findLast((exchange) => isStream(exchange) && exchange.method === "POST");
  const events = stream ? eventsOf(stream, capture).map(({ data }) => data) : [];
  const ended = events.at(-1) === "[DONE]";
  const text = events.map(tokenOf).join("");
  const cuts = cutsOf(stream?.got ?? [], capture);

  const reported = reports.filter(({ side, kind }) => side === "sse" && kind === "report").at(-1);
  const seen = typeof reported?.value === "string" ? reported.value : JSON.stringify(reported?.value);
  const place = seen === undefined ? 0 : firstDifference(text, seen);

  /** @type {import("../../../../static/js/lib/verdict.js").Verdict["checks"]} */
  const checks = [
    {
      ok: ended,
      word: ended ? "exercise.chat.ended" : stream ? "exercise.chat.unfinished" : "exercise.chat.absent",
      args: { events: events.length },
    },
    ...(ended ? [{ ok: cuts.events > 0 && cuts.characters > 0, word: /** @type {const} */ ("exercise.chat.cuts"), args: cuts }] : []),
    seen === undefined
      ? { ok: false, word: "exercise.chat.silent", args: {} }
      : place < 0
        ? { ok: true, word: "exercise.chat.same", args: { characters: [...text].length } }
        : { ok: false, word: "exercise.chat.different", args: { place: place + 1, ...around(place, text, seen) } },
  ];

  // The hints go: one decoder for all reads; a buffer for the rest of an event;
  // when to parse and when to report.
  const threw = reports.some(({ kind }) => kind === "throw");
  const hint = seen?.includes("\uFFFD") ? 1 : seen !== undefined || threw ? 2 : 3;
  return verdict(checks, hint);
}

/** The token that an event brings. @param {string} data */
function tokenOf(data) {
  return data === "[DONE]" ? "" : (JSON.parse(data).choices[0]?.delta.content ?? "");
}

/**
 * How many lines a chunk's end has cut in two, and how often that was inside a
 * character: what follows then goes on with a byte that begins none.
 * @param {import("../../../../static/js/lib/capture.js").Frame[]} frames
 * @param {import("../../../../static/js/lib/capture.js").Capture} capture
 */
function cutsOf(frames, capture) {
  const rests = frames.flatMap(({ connection, offset, fields }) =>
    fields.filter(({ piece = 0 }) => piece > 1).map((field) => capture.bytesOf(connection, "server", offset + field.offset, 1)),
  );
  return { events: rests.length, characters: rests.filter(([byte]) => (byte & 0xc0) === 0x80).length };
}

/**
 * The place of the first character that is another, or -1.
 * @param {string} expected
 * @param {string} seen
 */
function firstDifference(expected, seen) {
  if (expected === seen) return -1;
  const other = [...seen];
  const place = [...expected].findIndex((character, i) => character !== other[i]);
  return place < 0 ? [...expected].length : place;
}

/**
 * Both texts from that place on.
 * @param {number} place
 * @param {string} expected
 * @param {string} seen
 */
function around(place, expected, seen) {
  const [a, b] = [expected, seen].map((text) => [...text].slice(place, place + shown).join(""));
  return { expected: a, seen: b };
}
