// @ts-check
// Eight topics are to come over one event stream.

import { exchanges, isStream } from "../../../../static/js/lib/exchanges.js";
import { verdict } from "../../../../static/js/lib/verdict.js";

const topics = ["orders", "stock", "prices", "chat", "presence", "alerts", "jobs", "news"];

/**
 * @param {import("../../../../static/js/lib/verdict.js").Evidence} evidence
 * @returns {import("../../../../static/js/lib/verdict.js").Verdict}
 */
export function check({ capture, reports, controls }) {
  // A stream that is opened again has the same address.
  const streams = exchanges(capture).filter(isStream);
  const opened = new Set(streams.map(({ address }) => address.search)).size;

  const reported = reports.filter(({ side, kind }) => side === "sse" && kind === "report").map(({ value }) => value);
  const missing = topics.filter((topic) => numbersOf(reported, topic).length < controls.events);
  const wrong = topics.filter((topic) => numbersOf(reported, topic).some((number, i) => number !== i + 1));
  const others = reported.filter((value) => !topics.includes(value?.topic));

  /** @type {import("../../../../static/js/lib/verdict.js").Verdict["checks"]} */
  const checks = [
    opened === 1
      ? { ok: true, word: "exercise.six.one", args: {} }
      : { ok: false, word: "exercise.six.many", args: { streams: opened } },
    missing.length === 0
      ? { ok: true, word: "exercise.six.all", args: { topics: topics.length, events: controls.events } }
      : { ok: false, word: "exercise.six.missing", args: { topics: missing.join(", "), events: controls.events } },
    wrong.length === 0 && others.length === 0
      ? { ok: true, word: "exercise.six.right", args: {} }
      : { ok: false, word: "exercise.six.wrong", args: { topics: wrong.join(", ") || JSON.stringify(others[0]) } },
  ];

  // The hints go: open one stream; name all the topics; listen for each of them.
  const hint = opened > 1 ? 1 : missing.length === topics.length - 1 || opened === 0 ? 2 : 3;
  return verdict(checks, hint);
}

/** @param {any[]} reported @param {string} topic */
function numbersOf(reported, topic) {
  return reported.filter((value) => value?.topic === topic).map(({ number }) => number);
}
