// @ts-check
// How a side's run stands, in one of a few words.

import { valueOf } from "./capture.js";
import { hasWord } from "./words.js";

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
 * @param {boolean} [stopped] whether the run was stopped before its program had ended
 * @returns {Outcome | undefined} undefined where there is nothing to say yet
 */
export function outcomeOf(reports, stopped = false) {
  const thrown = reports.find((report) => report.kind === "throw");
  if (thrown) {
    const kind = thrown.code ?? (thrown.line ? "thrown_at" : "thrown");
    return { word: `outcome.${kind}`, args: { ...thrown }, trouble: true };
  }
  const ended = reports.some((report) => report.kind === "end");
  const last = reports.findLast((report) => ["open", "error", "close", "fetch"].includes(report.kind));
  const line = last && lineOf(last);
  // A program that has ended waits for no reconnect: it closed the line itself.
  const lasting = line && line.word !== "outcome.again" ? line : undefined;
  if (ended) return lasting ?? plain("ended");
  if (stopped) return lasting ?? plain("stopped");
  return line ?? (last && plain("open"));
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
 * The same, with what the bytes say beyond it: a browser tells an EventSource
 * nothing of the answer that it did not like.
 * @param {Capture} capture
 * @param {"sse" | "ws"} side
 * @param {Outcome | undefined} outcome
 * @returns {Outcome | undefined}
 */
export function outcomeIn(capture, side, outcome) {
  if (!outcome?.trouble || outcome.word.startsWith("outcome.thrown")) return outcome;
  const head = capture.frames.findLast(
    ({ kind, connection }) => kind === "response" && capture.sideOf(connection) === side && capture.hopOf(connection) === "",
  );
  if (!head) return outcome;
  const status = Number(valueOf(head, "http.response.code"));
  if (valueOf(head, "http.content_type")?.startsWith("application/problem+json")) return refusal(capture, head, status);
  if (outcome.word !== "outcome.given_up") return outcome;
  // WHATWG HTML §9.2.3: 204 is how a server says that it is over.
  if (status === 204) return { word: "outcome.goodbye", args: {}, trouble: false };
  return status === 200 ? outcome : { word: "outcome.given_up_at", args: { status }, trouble: true };
}

/**
 * The server's own reason (RFC 9457), by its code.
 * @param {Capture} capture
 * @param {import("./capture.js").Frame} head
 * @param {number} status
 * @returns {Outcome}
 */
function refusal(capture, head, status) {
  const body = capture.frames.find((frame) => frame.connection === head.connection && frame.from === head.from && frame.stream === head.stream && frame.offset > head.offset && valueOf(frame, "http.file_data"));
  let problem = { code: "", detail: "", control: "" };
  try {
    problem = { ...problem, ...JSON.parse((body && valueOf(body, "http.file_data")) ?? "{}") };
  } catch {
    // Cut off: the status has to do.
  }
  const own = problem.control ? "problem.control" : `problem.${problem.code}`;
  return { word: hasWord(own) ? own : "problem.other", args: { ...problem, status }, trouble: true };
}
