// @ts-check
// What a head of HTTP, or a frame of HTTP/2, says in the language of the page.
// Names of frames and errors are the specification's in every language.

import { valueOf } from "../../lib/capture.js";
import { bytesIn, word } from "../../lib/words.js";

/** @typedef {import('../../lib/capture.js').Frame} Frame */

/** Error codes (RFC 9113 §7). */
const ERRORS = [
  "NO_ERROR",
  "PROTOCOL_ERROR",
  "INTERNAL_ERROR",
  "FLOW_CONTROL_ERROR",
  "SETTINGS_TIMEOUT",
  "STREAM_CLOSED",
  "FRAME_SIZE_ERROR",
  "REFUSED_STREAM",
  "CANCEL",
  "COMPRESSION_ERROR",
  "CONNECT_ERROR",
  "ENHANCE_YOUR_CALM",
  "INADEQUATE_SECURITY",
  "HTTP_1_1_REQUIRED",
];

/** @param {Frame} frame */
export function requestText(frame) {
  const path = (valueOf(frame, "http.request.uri") ?? "").split("?")[0];
  const id = valueOf(frame, "http.last_event_id");
  return [valueOf(frame, "http.request.method"), path, id && `· Last-Event-ID: ${id}`].filter(Boolean).join(" ");
}

/** @param {Frame} frame */
export function responseText(frame) {
  const code = valueOf(frame, "http.response.code");
  const detail = code === "200" ? valueOf(frame, "http.content_type") : valueOf(frame, "http.response.phrase");
  return [code, detail].filter(Boolean).join(" ");
}

/** @param {Frame} frame */
export function http2Text(frame) {
  const parts = [word(`viewer.kind.http2/${frame.kind}`)];
  if (frame.stream) parts.push(word("viewer.stream", { number: frame.stream }));
  parts.push(contentOf(frame));
  if (valueOf(frame, "http2.flags.end_stream") === "1") parts.push("END_STREAM");
  return parts.filter(Boolean).join(word("viewer.comma"));
}

/** @param {Frame} frame @returns {string} */
function contentOf(frame) {
  switch (frame.kind) {
    case "request":
      return requestText(frame);
    case "response":
      return responseText(frame);
    case "data":
      return bytesIn(frame.length - 9);
    case "window-update":
      return `+${bytesIn(Number(valueOf(frame, "http2.window_update.window_size_increment")))}`;
    case "rst-stream":
    case "goaway":
      return errorName(valueOf(frame, "http2.rst_stream.error") ?? valueOf(frame, "http2.goaway.error"));
    case "settings":
    case "ping":
      return isAck(frame) ? "ACK" : "";
  }
  return "";
}

/** @param {Frame} frame */
function isAck(frame) {
  return (valueOf(frame, "http2.flags.ack.settings") ?? valueOf(frame, "http2.flags.ack.ping")) === "1";
}

/** @param {string} [code] */
function errorName(code = "") {
  return ERRORS[Number(code)] ?? code;
}
