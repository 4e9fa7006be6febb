// @ts-check
// What the first page may say of its run.

import { valueOf } from "../../lib/capture.js";
import { linesOf } from "../../lib/framerows.js";

/**
 * @typedef {import("../../lib/capture.js").Capture} Capture
 * @typedef {import("../../lib/finding.js").Finding} Finding
 * @typedef {import("../../lib/framerows.js").Row} Row
 * @typedef {import("../../lib/sandbox.js").Report} Report
 * @typedef {import("../../lib/runner.js").Side} Side
 */

/**
 * Whether a run is wanted: not where motion is not, and not when the reader comes
 * back to the page and has seen one.
 * @param {boolean} still @param {NavigationTimingType} [navigation]
 */
export function mayRun(still, navigation) {
  return !still && navigation !== "back_forward";
}

/** Whether a side failed before anything had come. @param {Report[]} reports @param {Side} side */
export function isRefused(reports, side) {
  const first = reports.find((report) => report.side === side && ["open", "message", "error", "close", "throw"].includes(report.kind));
  return first !== undefined && first.kind !== "open" && first.kind !== "message";
}

/** Whether a run has shown what is said of it. @param {Finding[]} findings */
export function showsAll(findings) {
  return ["asks_again", "goodbye", "closed"].every((name) => findings.some(({ word }) => word === `finding.reconnect.${name}`));
}

/** Whether a row is a message that the server has sent over a WebSocket. @param {Row} row */
export function isMessage({ from, frames: [frame] }) {
  return from === "server" && frame?.protocol === "websocket" && frame.kind === "text";
}

/**
 * What the bytes of a row say, in a sentence; nothing where the row says it.
 * @param {Capture} capture @param {Row} row
 */
export function meaningOf(capture, row) {
  if (isMessage(row) && row.length === 3) {
    const [first, second, third] = Array.from(capture.bytesOf(row.connection, row.from, row.offset, 3), (byte) => byte.toString(16).padStart(2, "0"));
    return { word: "demo.meaning.message", args: { first, second, third, text: valueOf(row.frames[0], "websocket.payload") } };
  }
  if (linesOf(capture, row).some(({ sse }) => sse?.event)) return { word: "demo.meaning.event", args: {} };
  if (row.from === "client" && row.frames.some((frame) => valueOf(frame, "http.last_event_id"))) return { word: "demo.meaning.again", args: {} };
  return undefined;
}
