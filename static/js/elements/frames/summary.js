// @ts-check
// What a row of the frame list says, in the language of the page.

import { http2Text, requestText, responseText } from "./http.js";
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

/** What the frames of a row, and the lines that lie in it, have done that they must not. @param {Capture} capture @param {Row} row */
export function violationsOf(capture, row) {
  const violations = row.frames.flatMap((frame) => frame.violations ?? []);
  for (const line of row.kind === "frame" ? linesOf(capture, row) : []) violations.push(...(line.violations ?? []));
  return violations;
}

/** @param {Capture} capture @param {Row} row */
function frameSummary(capture, row) {
  const [frame] = row.frames;
  const lines = frame.kind === "chunk" || frame.kind === "data" ? linesSummary(linesOf(capture, row)) : "";
  return [frameText(frame), lines].filter(Boolean).join(" · ");
}

/** What a frame says by itself. @param {Frame} frame */
export function frameText(frame) {
  if (frame.protocol === "websocket") return websocketText(frame);
  if (frame.protocol === "http2") return http2Text(frame);
  const kind = `${frame.protocol}/${frame.kind}`;
  if (kind === "http1/request") return requestText(frame);
  if (kind === "http1/response") return responseText(frame);
  if (frame.protocol === "sse") return lineText(frame);
  const key = `viewer.kind.${kind}`;
  return hasWord(key)
    ? word(key, { bytes: bytesIn(frame.length), size: valueOf(frame, "http.chunk_size") })
    : frame.summary;
}

/** A line of an event stream, and why it did nothing. @param {Frame} frame */
function lineText(frame) {
  const reason = frame.sse?.reason;
  const text = frame.kind === "end" ? word("viewer.kind.sse/end") : linesSummary([frame]);
  return [text, reason && word(`viewer.reason.${reason}`)].filter(Boolean).join(" · ");
}

/** @param {Frame} frame */
function websocketText(frame) {
  const payload = frame.fields.find((field) => field.name === "websocket.payload");
  const length = payloadLength(frame);
  const parts = [word(`viewer.kind.websocket/${frame.kind}`)];
  // From a HAR: what the frames had together, without any of their headers.
  if (frame.kind === "message") {
    return `${parts[0]}${word("viewer.comma")}${bytesIn(frame.length)} · ${short(payload?.value ?? "")}`;
  }
  if (frame.kind === "close") {
    const code = valueOf(frame, "websocket.payload.close.status_code");
    const reason = valueOf(frame, "websocket.payload.close.reason");
    const name = hasWord(`viewer.close.${code}`) && word(`viewer.close.${code}`);
    return [...parts, code, name, reason && `· ${short(reason)}`].filter(Boolean).join(" ");
  }
  if (valueOf(frame, "websocket.fin") === "1") parts.push("FIN");
  else parts.push(word("viewer.more_follows"));
  parts.push(bytesIn(length));
  const text = payload && !payload.hex ? ` · ${short(payload.value)}` : "";
  return parts.join(word("viewer.comma")) + text;
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

/** The fields of an event stream's lines as they stand there: "id: 2, data: hello". @param {Frame[]} lines */
function linesSummary(lines) {
  const parts = [];
  for (const line of lines.slice(0, 8)) {
    const value = valueOf(line, "sse.comment");
    if (line.kind === "comment" && line.length > 0) parts.push(`:${short(value ?? "")}`);
    else if (line.kind !== "blank" && line.kind !== "end") parts.push(short(textOf(line)));
  }
  return parts.join(word("viewer.comma")) || (lines.length > 0 ? word("viewer.blank_line") : "");
}

/** A line without its end. One that came compressed has no bytes. @param {Frame} line */
export function textOf(line) {
  if (line.fields.length === 0 && line.kind !== "blank") return line.summary;
  return line.fields
    .filter((field) => field.name !== "sse.line_end" && (field.piece ?? 0) <= 1)
    .map((field) => field.value)
    .join("");
}

/** @param {string} text */
function short(text) {
  return visible(text.length > SHORT ? text.slice(0, SHORT) + "…" : text);
}

/** A text in one line, with what can't be seen in it made visible. @param {string} text */
export function visible(text) {
  return text.replaceAll("\r", "\\r").replaceAll("\n", "\\n").replaceAll("\t", "\\t").replaceAll("\0", "\\0");
}
