// @ts-check
// How a side's run stands, in one of a few words.

import { valueOf } from "./capture.js";

/** @typedef {import("./sandbox.js").Report} Report */
/** @typedef {import("./capture.js").Capture} Capture */

/**
 * word is the key of its words; trouble says whether something went wrong, and
 * over whether nothing more will happen by itself.
 * @typedef {{word: string, args: Record<string, unknown>, trouble: boolean}} Outcome
 */

/**
 * What the reports of one side come to.
 * @param {Report[]} reports of this side, oldest first
 * @returns {Outcome | undefined} undefined where there is nothing to say yet
 */
export function outcomeOf(reports) {
  const thrown = reports.find((report) => report.kind === "throw");
  if (thrown) {
    const kind = thrown.code ?? (thrown.line ? "thrown_at" : "thrown");
    return { word: `outcome.${kind}`, args: { ...thrown }, trouble: true };
  }
  const last = reports.findLast((report) => ["open", "message", "error", "close", "fetch", "read", "end"].includes(report.kind));
  const previous = reports.findLast((report) => ["open", "error", "close", "fetch"].includes(report.kind));
  switch (last?.kind) {
    case undefined:
      return undefined;
    case "end":
      return previous ? lineOf(previous) ?? plain("ended") : plain("ended");
    default:
      return (previous && lineOf(previous)) ?? plain("open");
  }
}

/**
 * What a report says of the line.
 * @param {Report} report
 * @returns {Outcome | undefined}
 */
function lineOf(report) {
  switch (report.kind) {
    case "close":
      if (report.wasClean) return { word: "outcome.closed", args: { code: report.code }, trouble: false };
      return { word: "outcome.cut", args: { code: report.code }, trouble: true };
    case "error":
      // WHATWG HTML §9.2.3: CONNECTING is a connection that is made again,
      // CLOSED one that has failed for good.
      if (report.readyState === 0) return { word: "outcome.again", args: {}, trouble: true };
      if (report.readyState === 2) return { word: "outcome.given_up", args: {}, trouble: true };
      return { word: "outcome.failed", args: { message: report.message ?? "" }, trouble: true };
    case "fetch":
      return report.status >= 400 ? { word: "outcome.status", args: { status: report.status }, trouble: true } : undefined;
    default:
      return undefined;
  }
}

/** @param {string} name @returns {Outcome} */
function plain(name) {
  return { word: `outcome.${name}`, args: {}, trouble: false };
}

/**
 * The answer by which the server refused a side, where it did: a browser tells
 * a program neither status nor body, but the bytes are in the capture.
 * @param {Capture} capture
 * @param {"sse" | "ws"} side
 * @returns {{status: number, code: string, control?: string, detail: string} | undefined}
 */
export function refusalOf(capture, side) {
  for (const [index, head] of capture.frames.entries()) {
    if (head.kind !== "response" || capture.sideOf(head.connection) !== side) continue;
    if (!valueOf(head, "http.content_type")?.startsWith("application/problem+json")) continue;
    const status = Number(valueOf(head, "http.response.code"));
    const body = capture.frames
      .slice(index + 1)
      .find((frame) => frame.connection === head.connection && valueOf(frame, "http.file_data") !== undefined);
    try {
      return { code: "", detail: "", ...JSON.parse((body && valueOf(body, "http.file_data")) ?? "{}"), status };
    } catch {
      return { status, code: "", detail: "" };
    }
  }
  return undefined;
}
