// @ts-check
// Eight topics are to come over one event stream.

import { arrivalsOf, matched, onlyBy, placeOf, reported } from "../../../../static/js/lib/evidence.js";
import { exchanges, isStream } from "../../../../static/js/lib/exchanges.js";
import { verdict } from "../../../../static/js/lib/verdict.js";

/**
 * @typedef {import("../../../../static/js/lib/verdict.js").Check} Check
 * @typedef {import("../../../../static/js/lib/exchanges.js").Exchange} Exchange
 */

const topics = ["orders", "stock", "prices", "chat", "presence", "alerts", "jobs", "news"];

/**
 * @param {import("../../../../static/js/lib/verdict.js").Evidence} evidence
 * @returns {import("../../../../static/js/lib/verdict.js").Verdict}
 */
export function check({ capture, reports, controls }) {
  const all = exchanges(capture);
  const streams = all.filter(isStream);
  const opened = Math.max(new Set(streams.map(({ address }) => address.search)).size, mostAtOnce(streams));

  const arrivals = arrivalsOf(streams, capture);
  const nameOf = (/** @type {any} */ { type, data }) => (topics.includes(type) ? `${type} ${data}` : undefined);
  const { came, good, madeUp, twice } = matched(arrivals, reported(reports), nameOf, (value) => `${value?.topic} ${value?.number}`);
  const lacking = (/** @type {string[]} */ names) => topics.filter((topic) => names.filter((name) => topicOf(name) === topic).length < controls.events);
  const absent = lacking([...came.keys()]);
  const missing = absent.length > 0 ? absent : lacking(good.map(({ name }) => name));
  const jump = good.find(({ name, report }, i) => good.slice(0, i).some((other) => topicOf(other.name) === topicOf(name) && other.report.value.number > report.value.number));
  const wrong = jump ?? twice[0];

  /** @type {(Check | undefined)[]} */
  const checks = [
    opened === 1
      ? { ok: true, word: "exercise.six.one", args: {} }
      : { ok: false, final: opened > 1, word: "exercise.six.many", args: { streams: opened }, place: placeOf(streams[1]?.sent[0]) },
    missing.length === 0
      ? { ok: true, word: "exercise.six.all", args: { topics: topics.length, events: controls.events } }
      : {
          ok: false,
          word: absent.length > 0 ? "exercise.six.missing" : "exercise.six.unreported",
          args: { topics: missing.join(", "), events: controls.events },
          place: placeOf(arrivals.find(({ type }) => type === missing[0])?.frame ?? streams[0]?.sent[0]),
        },
    madeUp.length > 0
      ? { ok: false, final: true, word: "exercise.six.early", args: { report: JSON.stringify(madeUp[0].report.value) ?? "–", reports: madeUp.length }, place: placeOf(madeUp[0].arrival?.frame) }
      : wrong
        ? { ok: false, final: true, word: "exercise.six.wrong", args: { topics: topicOf(wrong.name) }, place: placeOf(wrong.arrival.frame) }
        : good.length > 0
          ? { ok: true, word: "exercise.six.right", args: {} }
          : undefined,
    onlyBy(all, "sse"),
  ];

  // The hints go: open one stream; name all the topics; listen for each of them.
  const types = new Set(arrivals.map(({ type }) => type));
  const hint = opened > 1 ? 1 : topics.some((topic) => !types.has(topic)) ? 2 : 3;
  return verdict(checks, hint);
}

/** How many streams were open at the same time. @param {Exchange[]} streams */
function mostAtOnce(streams) {
  return Math.max(0, ...streams.map(({ at }) => streams.filter((other) => other.at <= at && !(Number(other.end?.at) <= at)).length));
}

/** @param {string} name */
function topicOf(name) {
  return name.split(" ")[0];
}
