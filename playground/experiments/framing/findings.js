// @ts-check
// What a run of framing shows: the events that the standard makes of the bytes
// beside those that this browser dispatched, and what the pieces cut in two.

import { eventsOf, exchanges, isStream, messagesOf } from "../../../static/js/lib/exchanges.js";
import { inOrder } from "../../../static/js/lib/finding.js";
import { valueOf } from "../../../static/js/lib/capture.js";

/**
 * @typedef {import("../../../static/js/lib/exchanges.js").Exchange} Exchange
 * @typedef {import("../../../static/js/lib/finding.js").Finding} Finding
 * @typedef {import("../../../static/js/lib/finding.js").Run} Run
 */

/** What is said of a field that is cut: all that can be longer than a byte. @type {Record<string, Finding["word"]>} */
const pieces = {
  "sse.blank": "finding.framing.piece_blank",
  "sse.bom": "finding.framing.piece_bom",
  "sse.comment": "finding.framing.piece_comment",
  "sse.data": "finding.framing.piece_data",
  "sse.event": "finding.framing.piece_event",
  "sse.field": "finding.framing.piece_field",
  "sse.id": "finding.framing.piece_id",
  "sse.ignored": "finding.framing.piece_ignored",
  "sse.line_end": "finding.framing.piece_line_end",
  "sse.retry": "finding.framing.piece_retry",
};

/** Cuts that are pointed out on each side; the viewer shows all. */
const most = 5;

/**
 * @param {Run} run
 * @returns {Finding[]}
 */
export function findings(run) {
  const all = exchanges(run.capture);
  const streams = all.filter(isStream);
  return inOrder([
    ...streams.flatMap((stream) => ofCuts(stream, run)),
    ...ofEvents(streams, run),
    ...all.filter(({ side }) => side === "ws").flatMap((socket) => ofFragments(socket, run)),
  ]);
}

/**
 * The standard's events against the browser's, once a program has read the
 * stream to its end.
 * @param {Exchange[]} streams
 * @param {Run} run
 * @returns {Finding[]}
 */
function ofEvents(streams, { capture, reports }) {
  const mine = reports.filter(({ side }) => side === "sse");
  const end = streams.at(-1)?.end;
  // What the browser has not dispatched by the time that it says so, or the program has ended, it never will.
  if (!end || end.by === "client" || !mine.some(({ kind }) => kind === "error" || kind === "end")) return [];

  const expected = streams.flatMap((stream) => eventsOf(stream, capture));
  const dispatched = mine.filter(({ kind }) => kind === "message");
  const heard = new Set(["message", ...dispatched.map(({ type }) => type)]);
  const audible = expected.filter(({ type }) => heard.has(type));
  const unheard = expected.filter(({ type }) => !heard.has(type));

  /** @type {Finding[]} */
  const list = [];
  const length = Math.max(audible.length, dispatched.length);
  const place = Array.from({ length }, (_, i) => i).find((i) => !isSame(audible[i], dispatched[i]));
  list.push(
    place === undefined
      ? { side: "sse", kind: "good", from: end.at, word: "finding.framing.same", args: { events: length } }
      : {
          side: "sse",
          kind: "note",
          from: dispatched[place]?.at ?? end.at,
          word: "finding.framing.different",
          args: { place: place + 1, standard: text(audible[place]), browser: text(dispatched[place]) },
        },
  );
  for (const { type, at } of unheard) {
    list.push({ side: "sse", kind: "note", from: at, word: "finding.framing.unheard", args: { type } });
  }
  const last = streams.at(-1)?.got.findLast((frame) => frame.protocol === "sse");
  if (last?.incomplete || last?.kind === "end") {
    const dropped = streams.at(-1)?.got.findLast(({ protocol, kind }) => protocol === "sse" && kind !== "end");
    const seen = dropped && dropped.time - capture.clockOffset;
    list.push({ side: "sse", kind: "note", from: end.at, word: "finding.framing.unfinished", args: {}, seen, decides: true });
  }
  return list;
}

/**
 * Fields of the stream that a chunk's end cuts in two.
 * @param {Exchange} stream
 * @param {Run} run
 * @returns {Finding[]}
 */
function ofCuts({ got }, { capture }) {
  const cut = got.flatMap(({ time, fields }) => fields.filter(({ piece, name }) => piece === 1 && name in pieces).map(({ name }) => ({ time, name })));
  return cut.slice(0, most).map(({ time, name }) => ({
    side: "sse",
    kind: "note",
    from: time - capture.clockOffset,
    word: pieces[name],
    args: {},
  }));
}

/**
 * Messages that came in fragments.
 * @param {Exchange} socket
 * @param {Run} run
 * @returns {Finding[]}
 */
function ofFragments({ got }, { capture }) {
  const frames = got.filter((frame) => frame.kind === "continuation" || messagesOf([frame]).length > 0);
  /** @type {Finding[]} */
  const list = [];
  let fragments = 0;
  for (const frame of frames) {
    fragments = frame.kind === "continuation" ? fragments + 1 : 1;
    const isLast = valueOf(frame, "websocket.fin") === "1";
    if (!isLast || fragments === 1) continue;
    const from = frame.time - capture.clockOffset;
    list.push({ side: "ws", kind: "note", from, word: "finding.framing.fragments", args: { fragments } });
  }
  return list.slice(0, most);
}

/**
 * @typedef {{type: string, data: string, lastEventId: string, length?: number}} Dispatched as the standard or a report has it
 *
 * @param {Dispatched|any} standard
 * @param {Dispatched|any} browser
 */
function isSame(standard, browser) {
  if (!standard || !browser) return false;
  const data = browser.length === undefined ? standard.data : standard.data.slice(0, browser.data.length); // a report shortens what is long
  return standard.type === browser.type && data === browser.data && standard.lastEventId === browser.lastEventId;
}

/** @param {Dispatched|any} event */
function text(event) {
  if (!event) return "–";
  const { type, data, lastEventId } = event;
  return `${type} ${JSON.stringify(data)}${lastEventId && ` id ${JSON.stringify(lastEventId)}`}`;
}
