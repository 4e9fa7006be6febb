// @ts-check
// Fifty questions are to be answered on one socket without waiting for each
// answer before the next question: counted from the order of the frames, so
// that it does not matter how fast anything is.

import { arrivalsOf, matched, onlyBy, placeOf, reported } from "../../../../static/js/lib/evidence.js";
import { exchanges, isSocket, messagesOf } from "../../../../static/js/lib/exchanges.js";
import { valueOf } from "../../../../static/js/lib/capture.js";
import { verdict } from "../../../../static/js/lib/verdict.js";

/**
 * @typedef {import("../../../../static/js/lib/exchanges.js").Frame} Frame
 * @typedef {import("../../../../static/js/lib/verdict.js").Check} Check
 */

const wanted = 50;

/** Round trips that all may take. A slow machine cuts what is sent at once into a few pieces. */
const limit = 10;

/**
 * @param {import("../../../../static/js/lib/verdict.js").Evidence} evidence
 * @returns {import("../../../../static/js/lib/verdict.js").Verdict}
 */
export function check({ capture, reports }) {
  const all = exchanges(capture);
  const sockets = all.filter(isSocket);
  const asking = sockets.filter(({ sent }) => messagesOf(sent).length > 0);
  const sent = asking.flatMap((socket) => messagesOf(socket.sent));
  const got = asking.flatMap((socket) => messagesOf(socket.got));
  const questions = new Set(sent.map(textOf));
  const asked = asking.length === 1 && questions.size >= wanted;

  // An answer is a time and its question.
  const nameOf = (/** @type {{data: string}} */ { data }) => (questions.has(questionOf(data)) ? data : undefined);
  const { came, madeUp, twice, missing } = matched(arrivalsOf(asking, capture), reported(reports), nameOf, String);

  const answered = new Set([...came.keys()].map(questionOf));
  const open = [...questions].filter((question) => !answered.has(question)).length;
  const closing = open > 0 ? asking.flatMap(({ sent }) => sent.filter(isGoodbye))[0] : undefined;

  const trips = tripsOf(sent, got);
  const waited = sent.find((frame) => got.some((other) => other.time < frame.time));
  /** @type {(Check | undefined)[]} */
  const checks = [
    asked
      ? { ok: true, word: "exercise.measure.asked", args: { count: questions.size } }
      : { ok: false, final: asking.length > 1, word: "exercise.measure.not_asked", args: { count: questions.size, sockets: asking.length }, place: placeOf((asking[1] ?? asking[0])?.sent[0]) },
    closing ? { ok: false, final: true, word: "exercise.measure.closed", args: { open, count: questions.size }, place: placeOf(closing) } : undefined,
    came.size > 0 && missing.length === 0
      ? { ok: came.size >= wanted, word: came.size >= wanted ? "exercise.measure.answered" : "exercise.measure.few", args: { count: came.size, wanted } }
      : { ok: false, word: came.size > 0 ? "exercise.measure.not_answered" : "exercise.measure.none", args: { missing: missing.length, count: came.size }, place: placeOf(came.get(missing[0])?.frame) },
    madeUp.length > 0
      ? { ok: false, final: true, word: "exercise.measure.early", args: { report: madeUp[0].name }, place: placeOf(madeUp[0].arrival?.frame) }
      : undefined,
    twice.length > 0 ? { ok: false, final: true, word: "exercise.measure.twice", args: { report: twice[0].name, reports: twice.length }, place: placeOf(twice[0].arrival.frame) } : undefined,
    sent.length > 0 ? { ok: trips <= limit, final: trips > limit, word: "exercise.measure.trips", args: { trips, limit }, place: placeOf(waited) } : undefined,
    onlyBy(all, "ws"),
  ];
  const hint = trips > limit ? 1 : !asked ? 2 : 3;
  return verdict(checks, hint);
}

/**
 * How many round trips the questions took, one after the other: a question that
 * reached the server after another's answer had left may have waited for it.
 * @param {Frame[]} sent
 * @param {Frame[]} got
 */
function tripsOf(sent, got) {
  const answered = new Map(got.map((frame) => [questionOf(textOf(frame)), frame.time]));
  /** @type {{answered: number, trips: number}[]} */
  const before = [];
  for (const frame of sent.toSorted((a, b) => a.time - b.time)) {
    const waits = before.filter((other) => other.answered < frame.time).map(({ trips }) => trips);
    before.push({ answered: answered.get(textOf(frame)) ?? Infinity, trips: 1 + Math.max(0, ...waits) });
  }
  return Math.max(0, ...before.map(({ trips }) => trips));
}

/** Whether a program closes its socket; when it is ended, the browser sends 1001 for it. @param {Frame} frame */
function isGoodbye(frame) {
  return frame.kind === "close" && valueOf(frame, "websocket.payload.close.status_code") !== "1001";
}

/** @param {Frame} frame */
function textOf(frame) {
  return valueOf(frame, "websocket.payload") ?? "";
}

/** @param {string} answer */
function questionOf(answer) {
  return answer.slice(answer.indexOf(" ") + 1);
}
