// @ts-check
// The answer to a POST is to be read from its stream, whose events are cut
// across reads and whose characters are cut inside.

import { arrivalsOf, placeOf, reported, slack } from "../../../../static/js/lib/evidence.js";
import { exchanges, isSocket, isStream } from "../../../../static/js/lib/exchanges.js";
import { verdict } from "../../../../static/js/lib/verdict.js";

/** @typedef {import("../../../../static/js/lib/verdict.js").Check} Check */

/** How much of a text is shown around the place where it goes wrong, in characters. */
const shown = 12;

/**
 * @param {import("../../../../static/js/lib/verdict.js").Evidence} evidence
 * @returns {import("../../../../static/js/lib/verdict.js").Verdict}
 */
export function check({ capture, reports }) {
  const all = exchanges(capture);
  const stream = all.findLast((exchange) => isStream(exchange) && exchange.method === "POST");
  const events = stream ? arrivalsOf([stream], capture) : [];
  const last = events.at(-1);
  const ended = last?.data === "[DONE]";
  const tokens = events.map(({ data }) => tokenOf(data));
  const text = tokens.join("");
  const cuts = cutsOf(stream?.got ?? [], capture);

  // The same answer can be had without the task: in one piece, or from a socket.
  const other = all.find(
    (exchange) =>
      exchange !== stream &&
      (isSocket(exchange) || (exchange.end?.how === "complete" && exchange.status === 200 && exchange.method === "POST" && cutsOf(exchange.got, capture).characters === 0)),
  );

  const handedIn = reported(reports);
  const [first] = handedIn;
  const seen = first && (typeof first.value === "string" ? first.value : JSON.stringify(first.value));
  const place = seen === undefined ? 0 : firstDifference(text, seen);

  /** @type {Check[]} */
  const checks = [
    {
      ok: ended,
      word: ended ? "exercise.chat.ended" : stream ? "exercise.chat.unfinished" : "exercise.chat.absent",
      args: { events: events.length },
      place: placeOf(last?.frame),
    },
  ];
  const isCut = cuts.events > 0 && cuts.characters > 0;
  if (ended) checks.push({ ok: isCut, word: isCut ? "exercise.chat.cuts" : "exercise.chat.uncut", args: cuts });
  if (other) checks.push({ ok: false, final: true, word: isSocket(other) ? "exercise.chat.socket" : "exercise.chat.whole", args: {}, place: placeOf(other.sent[0]) });
  if (seen === undefined) checks.push({ ok: false, word: "exercise.chat.silent", args: {} });
  else if (!ended || first.at < last.at - slack) {
    checks.push({ ok: false, final: true, word: "exercise.chat.early", args: { events: events.filter(({ at }) => at <= first.at + slack).length }, place: placeOf(last?.frame) });
  } else if (place >= 0) {
    const args = { place: place + 1, ...around(place, text, seen) };
    checks.push({ ok: false, final: true, word: "exercise.chat.different", args, place: placeOf(eventAt(place, tokens, events)) });
  } else {
    const once = handedIn.length === 1;
    checks.push({ ok: once, final: true, word: once ? "exercise.chat.same" : "exercise.chat.again", args: { characters: [...text].length, reports: handedIn.length } });
  }

  // The hints go: one decoder for all reads; a buffer for the rest of an event;
  // when to parse and when to report.
  const threw = reports.some(({ kind }) => kind === "throw");
  const tooSoon = seen !== undefined && (!ended || first.at < last.at - slack || handedIn.length > 1);
  const hint = seen?.includes("\uFFFD") ? 1 : tooSoon || (seen === undefined && !threw) ? 3 : 2;
  return verdict(checks, hint);
}

/** The token that an event brings. @param {string} data */
function tokenOf(data) {
  return data === "[DONE]" ? "" : (JSON.parse(data).choices?.[0]?.delta.content ?? "");
}

/**
 * The frame of the event that a character came in.
 * @param {number} place
 * @param {string[]} tokens
 * @param {import("../../../../static/js/lib/evidence.js").Arrival[]} events
 */
function eventAt(place, tokens, events) {
  let end = 0;
  return events.find((_, i) => (end += [...tokens[i]].length) > place)?.frame;
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
