// @ts-check
// What a row of the frame list says, in the language of the page.

import { valueOf } from "../../lib/capture.js";
import { linesOf } from "../../lib/framerows.js";
import { bytesIn, hasWord, word } from "../../lib/words.js";

/**
 * @typedef {import('../../lib/capture.js').Capture} Capture
 * @typedef {import('../../lib/capture.js').Frame} Frame
 * @typedef {import('../../lib/framerows.js').Row} Row
 */

/** As much of a value as a row has room for. */
const SHORT = 60;

/** @param {Capture} capture @param {Row} row */
export function summaryOf(capture, row) {
  if (row.kind === "open") {
    return word("viewer.opened", { number: row.connection, peer: capture.connections.get(row.connection)?.peer });
  }
  if (row.kind === "end") {
    const who = word(`viewer.from.${row.from}`);
    return word(`viewer.end.${row.how === "fin" || row.how === "reset" ? row.how : "other"}`, { who, how: row.how });
  }
  if (row.kind === "foreign") return word("viewer.foreign", { count: row.frames.length });
  const parts = [row.kind === "lines" ? linesSummary(row.frames) : frameSummary(capture, row)];
  if (row.frames.some((frame) => frame.incomplete)) parts.push(word("viewer.incomplete"));
  if (violationsOf(capture, row).length > 0) parts.push(word("viewer.violates"));
  return parts.join(" · ");
}

/**
 * The same for a row of the list, which has little room: what varies from row to
 * row comes first. Of a chunk that holds lines these are the lines.
 * @param {Capture} capture @param {Row} row
 */
export function rowText(capture, row) {
  const [frame] = row.frames;
  const text = summaryOf(capture, row);
  if (row.kind !== "frame" && row.kind !== "lines") return text;
  const varies = row.like ? varyingPart(payloadOf(capture, row), payloadOf(capture, row.like)) : "";
  if (row.kind === "lines") return varies || text;
  if (frame.protocol === "websocket") {
    const said = frameText(frame);
    const [what, ...payload] = said.split(" · ");
    return payload.length > 0 ? text.replace(said, () => `${varies || payload.join(" · ")} · ${what}`) : text;
  }
  const lines = linesSummary(linesOf(capture, row));
  return lines ? text.replace(`${frameText(frame)} · ${lines}`, () => `${varies || lines} · ${frameText(frame)}`) : text;
}

/** As much of two payloads is compared. */
const COMPARED = 1000;
/** What two payloads begin with is left out from this length on. */
const LONG = 16;

/** The text that a row's frame brings. @param {Capture} capture @param {Row} row */
function payloadOf(capture, row) {
  const [frame] = row.frames;
  const text = frame.protocol === "websocket" ? (valueOf(frame, "websocket.payload") ?? "") : linesOf(capture, row).map(textOf).join(" ");
  return text.slice(0, COMPARED);
}

/**
 * The part of a text that another has not, with the whole words at its ends; ""
 * where all of it is.
 * @param {string} text @param {string} other
 */
export function varyingPart(text, other) {
  let begin = 0;
  while (begin < text.length && text[begin] === other[begin]) begin++;
  if (begin === text.length) return "";
  let end = 0;
  while (end < Math.min(text.length, other.length) - begin && text[text.length - 1 - end] === other[other.length - 1 - end]) end++;
  while (begin > 0 && /[\p{L}\p{N}]/u.test(text[begin - 1])) begin--;
  while (end > 0 && /[\p{L}\p{N}]/u.test(text[text.length - end])) end--;
  if (begin < LONG) return "";
  return `…${short(text.slice(begin, text.length - end))}${end > 0 ? "…" : ""}`;
}

/** What the frames of a row, and the lines that lie in it, have done that they must not. @param {Capture} capture @param {Row} row */
export function violationsOf(capture, row) {
  const violations = row.frames.flatMap((frame) => frame.violations ?? []);
  for (const line of row.kind === "frame" ? linesOf(capture, row) : []) violations.push(...(line.violations ?? []));
  return violations;
}

/** Each protocol by its own name; a row that is of none has none. @type {Record<string, string>} */
const PROTOCOLS = { http1: "HTTP", http2: "HTTP/2", ndjson: "NDJSON", json: "JSON", sse: "SSE", websocket: "WS" };

/** The protocol of a row: of a chunk with lines of an event stream, that of the lines. @param {Capture} capture @param {Row} row */
export function protocolOf(capture, row) {
  if (row.kind === "open" || row.kind === "end") return "TCP";
  if (row.kind === "frame" && linesOf(capture, row).length > 0) return PROTOCOLS.sse;
  return PROTOCOLS[row.frames[0]?.protocol] ?? "";
}

/** @param {Capture} capture @param {Row} row */
function frameSummary(capture, row) {
  const [frame] = row.frames;
  const lines = frame.kind === "chunk" || frame.kind === "data" ? linesSummary(linesOf(capture, row)) : "";
  return [frameText(frame), lines].filter(Boolean).join(" · ");
}

/** What a frame says by itself: sentence in say.go does the same. @param {Frame} frame */
export function frameText({ say = [] }) {
  return say.map(phrase).join("").trimEnd();
}

/** @param {{key: string, count?: number, text?: string}} phrase */
function phrase({ key, count = 0, text = "" }) {
  const named = (/** @type {string} */ name) => (hasWord(name) ? word(name) : "");
  return word(`say.${key}`, {
    count,
    bytes: bytesIn(count),
    close: named(`viewer.close.${text}`),
    reason: named(`viewer.reason.${text}`),
    text: short(text),
  });
}

/** The length that a WebSocket frame declares. @param {Frame} frame */
export function payloadLength(frame) {
  const value =
    valueOf(frame, "websocket.payload_length_ext_64") ??
    valueOf(frame, "websocket.payload_length_ext_16") ??
    valueOf(frame, "websocket.payload_length") ??
    "0";
  return Number.parseInt(value, 10);
}

/** The lines of an event stream as they stand there: "id: 2, data: hello". @param {Frame[]} lines */
function linesSummary(lines) {
  const said = lines
    .slice(0, 8)
    .filter((line) => line.kind !== "blank" && line.kind !== "end")
    .map(lineSummary);
  return said.join(word("viewer.comma")) || (lines.length > 0 ? word("viewer.blank_line") : "");
}

/** @param {Frame} line one that did nothing says so: it stands among those that did */
function lineSummary(line) {
  if (line.kind === "event") return frameText(line);
  const text = (line.say ?? []).slice(0, 1).map(phrase).join("");
  return line.kind === "ignored" ? word("viewer.ignored", { text }) : text;
}

/** A line without its end. One that came compressed has no bytes: it says the start of it. @param {Frame} line */
export function textOf(line) {
  if (line.fields.length === 0) return line.say?.[0]?.text ?? "";
  return line.fields
    .filter((field) => field.name !== "sse.line_end" && (field.piece ?? 0) <= 1)
    .map((field) => field.value)
    .join("");
}

/** @param {string} text */
function short(text) {
  return visible(text.length > SHORT ? text.slice(0, SHORT) + "…" : text);
}

/** @type {Record<string, string>} */
const NAMED = { "\r": "\\r", "\n": "\\n", "\t": "\\t", "\0": "\\0" };

/** A text in one line, with what can't be seen in it made visible. @param {string} text */
export function visible(text) {
  return text.replace(/[\0-\x1f\x7f]/g, (c) => NAMED[c] ?? `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
