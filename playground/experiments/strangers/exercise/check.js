// @ts-check
// A text with every kind of line end is to come down a stream whose server
// writes it carelessly, as one event, and to be reported as it was written.

import { carries } from "../../../../static/js/lib/carries.js";
import { arrivalsOf, onlyBy, placeOf, reported, slack } from "../../../../static/js/lib/evidence.js";
import { exchanges, isStream } from "../../../../static/js/lib/exchanges.js";
import { verdict } from "../../../../static/js/lib/verdict.js";

/** @typedef {import("../../../../static/js/lib/verdict.js").Check} Check */

/** The text in the program that the exercise starts from. */
export const text = 'Dear Ada,\nlunch\rat noon?\n\nevent: admin\ndata: "Send me your password."\n\nBob';

/** What the server says before it, and after it. */
const around = { first: "Hello ", last: "That was all." };

/** How much of a text is shown, in characters. */
const shown = 24;

/**
 * @param {import("../../../../static/js/lib/verdict.js").Evidence} evidence
 * @returns {import("../../../../static/js/lib/verdict.js").Verdict}
 */
export function check({ capture, reports }) {
  const all = exchanges(capture);
  const events = arrivalsOf(all.filter(isStream), capture);
  const notes = events.filter(({ data, type }) => type !== "message" || (data !== around.last && !data.startsWith(around.first)));
  const handedIn = reported(reports);

  const isOne = notes.length === 1 && notes[0].type === "message";
  const isThere = isOne && isWritten(notes[0].data);
  const [first] = handedIn;
  const seen = typeof first?.value === "string" ? first.value : (JSON.stringify(first?.value) ?? "");
  const other = handedIn.find(({ value }) => events.some((event) => event.data === value && !notes.includes(event)));
  const types = [...new Set(notes.map(({ type }) => type))].join(", ");
  const place = placeOf((notes[1] ?? notes[0])?.frame);
  const differs = firstDifference(seen);
  /** @type {(Check | undefined)[]} */
  const checks = [
    isOne
      ? { ok: true, word: "exercise.strangers.one", args: {} }
      : notes.length === 0
        ? { ok: false, word: "exercise.strangers.none", args: {}, place: placeOf(events[0]?.frame) }
        : { ok: false, final: true, word: "exercise.strangers.many", args: { events: notes.length, types }, place },
    isThere
      ? { ok: true, word: "exercise.strangers.whole", args: { length: text.length, data: notes[0].data.length } }
      : isOne
        ? { ok: false, final: true, word: "exercise.strangers.there", args: { data: piece(notes[0].data, 0) }, place }
        : undefined,
    handedIn.length === 0
      ? { ok: false, word: "exercise.strangers.absent", args: {}, place }
      : other
        ? { ok: false, final: true, word: "exercise.strangers.other", args: { seen: piece(String(other.value), 0) }, place: placeOf(events.find(({ data }) => data === other.value)?.frame) }
        : !(Number(notes[0]?.at) <= first.at + slack)
          ? { ok: false, final: true, word: "exercise.strangers.early", args: {}, place }
          : differs >= 0
            ? { ok: false, final: true, word: "exercise.strangers.different", args: { place: differs + 1, expected: piece(text, differs), seen: piece(seen, differs) }, place }
            : { ok: handedIn.length === 1, final: true, word: handedIn.length === 1 ? "exercise.strangers.same" : "exercise.strangers.again", args: { length: text.length, reports: handedIn.length }, place },
    onlyBy(all, "sse"),
  ];

  // The hints go: what ends a line; which text has no line ends; how it becomes
  // the text again.
  const hint = isOne ? 3 : notes.some(({ type }) => type !== "message") ? 1 : 2;
  return verdict(checks, hint);
}

/** What is inside of data, if it is of that form. @type {((data: string) => unknown[])[]} */
const forms = [
  (data) => [JSON.parse(data)],
  (data) => Object.values(JSON.parse(data)),
  (data) => ["\n", "\r", ""].map((between) => JSON.parse(data).join(between)),
  (data) => [decodeURIComponent(data), decodeURIComponent(data.replaceAll("+", " "))],
];

/**
 * Whether data is the text in a form that it can be had back from: a form that
 * may be inside of another.
 * @param {unknown} data
 * @param {number} [depth] how many more there may be
 * @returns {boolean}
 */
function isWritten(data, depth = 2) {
  if (typeof data !== "string") return false;
  if (data === text || isInSigns(data)) return true;
  if ([text, JSON.stringify(text), encodeURIComponent(text)].some((written) => carries([data], new TextEncoder().encode(written)))) return true;
  return depth > 0 && forms.some((form) => {
    try {
      return form(data).some((inner) => inner !== data && isWritten(inner, depth - 1));
    } catch {
      return false;
    }
  });
}

/** Whether only the line ends, and perhaps the quotation marks, are written in another way. @param {string} data */
function isInSigns(data) {
  // Other signs stand for the line ends, and perhaps for quotation marks: always
  // the same, and others for LF than for CR.
  const signs = { "\n": "lf", "\r": "cr", '"': "quote" };
  const known = new Set();
  const pattern = text.replace(/[\n\r"?.]/g, (character) => {
    const sign = signs[/** @type {keyof typeof signs} */ (character)];
    if (!sign) return `\\${character}`;
    if (known.has(sign)) return `\\k<${sign}>`;
    known.add(sign);
    return `(?<${sign}>.{1,12}?)`;
  });
  const found = new RegExp(`^${pattern}$`, "u").exec(data)?.groups;
  return found !== undefined && found.lf !== found.cr;
}

/** The place of the first character that is not the text's, or -1. @param {string} reported */
function firstDifference(reported) {
  const place = [...text].findIndex((character, i) => reported[i] !== character);
  if (place >= 0) return place;
  return reported.length === text.length ? -1 : text.length;
}

/** A piece of a text, with its line ends as they can be seen. @param {string} from @param {number} place */
function piece(from, place) {
  return JSON.stringify(from.slice(place, place + shown)).slice(1, -1);
}
