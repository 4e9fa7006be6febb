// @ts-check
// Fifty questions are to be answered on one socket without waiting for each
// answer before the next question: counted from the order of the frames, so
// that it does not matter how fast anything is.

import { exchanges, isSocket, messagesOf } from "../../../../static/js/lib/exchanges.js";
import { valueOf } from "../../../../static/js/lib/capture.js";
import { verdict } from "../../../../static/js/lib/verdict.js";

/** @typedef {import("../../../../static/js/lib/exchanges.js").Frame} Frame */

const wanted = 50;

/** Round trips that all may take. A slow machine cuts what is sent at once into a few pieces. */
const limit = 10;

/**
 * @param {import("../../../../static/js/lib/verdict.js").Evidence} evidence
 * @returns {import("../../../../static/js/lib/verdict.js").Verdict}
 */
export function check({ capture, reports }) {
  const sockets = exchanges(capture).filter(isSocket);
  const asking = sockets.filter(({ sent }) => messagesOf(sent).length > 0);
  const sent = asking.flatMap((socket) => messagesOf(socket.sent));
  const got = asking.flatMap((socket) => messagesOf(socket.got));
  const questions = new Set(sent.map(textOf));
  const asked = asking.length === 1 && questions.size >= wanted;

  // An answer is a time and its question.
  const answers = got.map(textOf).filter((text) => questions.has(questionOf(text)));
  const reported = new Set(reports.filter(({ kind }) => kind === "report").map(({ value }) => String(value)));
  const missing = Math.max(0, wanted - answers.length) + answers.filter((text) => !reported.has(text)).length;

  const trips = tripsOf(sent, got);
  /** @type {import("../../../../static/js/lib/verdict.js").Verdict["checks"]} */
  const checks = [
    asked
      ? { ok: true, word: "exercise.measure.asked", args: { count: questions.size } }
      : { ok: false, word: "exercise.measure.not_asked", args: { count: questions.size, sockets: asking.length } },
    asked && missing === 0
      ? { ok: true, word: "exercise.measure.answered", args: {} }
      : { ok: false, word: "exercise.measure.not_answered", args: { missing } },
    { ok: asked && trips <= limit, word: "exercise.measure.trips", args: { trips, limit } },
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

/** @param {Frame} frame */
function textOf(frame) {
  return valueOf(frame, "websocket.payload") ?? "";
}

/** @param {string} answer */
function questionOf(answer) {
  return answer.slice(answer.indexOf(" ") + 1);
}
