// @ts-check
// The result of a call is to be had although the connection was lost before it,
// and the tool is not to run a second time.

import { arrivalsOf, endOf, matched, onlyBy, placeOf, reported, slack } from "../../../../static/js/lib/evidence.js";
import { exchanges, isStream } from "../../../../static/js/lib/exchanges.js";
import { verdict } from "../../../../static/js/lib/verdict.js";

/**
 * @typedef {import("../../../../static/js/lib/verdict.js").Check} Check
 * @typedef {import("../../../../static/js/lib/evidence.js").Arrival} Arrival
 */

/**
 * @param {import("../../../../static/js/lib/verdict.js").Evidence} evidence
 * @returns {import("../../../../static/js/lib/verdict.js").Verdict}
 */
export function check({ capture, reports }) {
  const all = exchanges(capture);
  const streams = all.filter(isStream);
  const calls = streams.filter(({ method }) => method === "POST");
  const arrivals = arrivalsOf(streams, capture);
  const lost = calls.find(({ end }) => end?.by === "server" && end.how !== "complete");
  const lostAt = lost?.end?.at ?? Infinity;
  const runs = capture.log.filter(({ side, event }) => side === "sse" && event === "tool-started").length;

  const gets = all.filter(({ side, method, at }) => side === "sse" && method === "GET" && at > lostAt - slack);
  const named = gets.filter(({ lastEventId }) => lastEventId !== "");
  const wrong = named.find(({ lastEventId, at }) => !arrivals.some((arrival) => idOf(arrival) === lastEventId && arrival.at <= at + slack && arrival.exchange === lost));
  const refused = gets.find((exchange) => exchange !== wrong && exchange.status >= 400);
  const again = named.find((exchange) => exchange !== wrong);
  const asked = arrivals.filter(({ data }) => data.includes('"elicitation/create"'));

  const texts = reported(reports).map((report) => ({ ...report, value: report.value?.content?.[0]?.text ?? report.value }));
  const { came, good, madeUp, twice } = matched(arrivals.filter(({ exchange }) => exchange !== lost), texts, resultOf, String);
  const [result] = came.values();

  /** @type {(Check | undefined)[]} */
  const checks = [
    lost
      ? { ok: true, word: "exercise.agents.lost", args: {}, place: endOf(lost) }
      : { ok: false, word: "exercise.agents.whole", args: { calls: calls.length }, place: endOf(calls[0]) },
    runs > 1
      ? { ok: false, final: true, word: "exercise.agents.twice", args: { runs }, place: placeOf(calls[1]?.sent[0]) }
      : runs === 1 ? { ok: true, word: "exercise.agents.once", args: {} } : undefined,
    lost && (wrong
      ? { ok: false, final: true, word: "exercise.agents.unknown", args: { id: wrong.lastEventId }, place: placeOf(wrong.sent[0]) }
      : refused
        ? { ok: false, final: refused.status < 500, word: "exercise.agents.refused", args: { status: refused.status }, place: placeOf(refused.sent[0]) }
        : again
          ? asked.length > 1
            ? { ok: false, final: true, word: "exercise.agents.asked", args: { id: again.lastEventId }, place: placeOf(asked[1].frame) }
            : { ok: again.status === 200, word: "exercise.agents.resumed", args: { id: again.lastEventId }, place: placeOf(again.sent[0]) }
          : { ok: false, word: gets.length > 0 ? "exercise.agents.unnamed" : "exercise.agents.alone", args: {}, place: placeOf(gets[0]?.sent[0]) ?? endOf(lost) }),
    madeUp.length > 0
      ? { ok: false, final: true, word: "exercise.agents.early", args: { text: madeUp[0].name }, place: placeOf(result?.frame) }
      : twice.length > 0
        ? { ok: false, final: true, word: "exercise.agents.again", args: {}, place: placeOf(result?.frame) }
        : good.length > 0
          ? { ok: true, word: "exercise.agents.reported", args: { text: good[0].name }, place: placeOf(result?.frame) }
          : { ok: false, word: result ? "exercise.agents.silent" : "exercise.agents.waiting", args: {}, place: placeOf(result?.frame) },
    onlyBy(all, "sse"),
  ];

  // The hints go: remember the IDs; a GET that names the last one; read it as the
  // POST's stream was read, and call the tool no second time.
  const hint = runs > 1 ? 3 : refused ? 2 : named.length === 0 ? (gets.length > 0 ? 2 : 1) : wrong || asked.length > 1 ? 1 : 3;
  return verdict(checks, hint);
}

/** The text of the result, if an event brings one. @param {Arrival} arrival */
function resultOf({ data }) {
  try {
    return JSON.parse(data).result?.content?.[0]?.text;
  } catch {
    return undefined; // an event with an ID and no data
  }
}

/** @param {Arrival} arrival @returns {string} */
function idOf({ frame }) {
  return frame.sse.event.lastEventId;
}
