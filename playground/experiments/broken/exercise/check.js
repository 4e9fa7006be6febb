// @ts-check
// A client asks nine questions, and says of each answer how it ended. What is
// right is what the bytes of each exchange show.

import { arrivalsOf, endOf, onlyBy, placeOf, reported, slack } from "../../../../static/js/lib/evidence.js";
import { exchanges } from "../../../../static/js/lib/exchanges.js";
import { verdict } from "../../../../static/js/lib/verdict.js";

/**
 * @typedef {import("../../../../static/js/lib/verdict.js").Check} Check
 * @typedef {import("../../../../static/js/lib/exchanges.js").Exchange} Exchange
 * @typedef {import("../../../../static/js/lib/capture.js").Capture} Capture
 *
 * @typedef {object} Ending what an exchange came to
 * @property {"complete"|"refused"|"failed"|"broken"|"silent"|"open"|"late"} ending what is to be reported; of the last two nothing is right
 * @property {string} word what says so, where the program has said something else
 * @property {number} at when it was known
 * @property {number} [ms] how long nothing had come by then
 * @property {import("../../../../static/js/lib/verdict.js").Place} [place]
 */

const questions = 9;

/** How long nothing may come before that is silence, and after which it has to be, in ms. */
const silence = { least: 1500, most: 4000 };

/** How long a report may take to get here, on a busy machine. */
const grace = 2000;

/**
 * @param {import("../../../../static/js/lib/verdict.js").Evidence} evidence
 * @returns {import("../../../../static/js/lib/verdict.js").Verdict}
 */
export function check({ capture, reports, until = Infinity }) {
  const all = exchanges(capture);
  const asked = all.filter(({ side, method }) => side === "sse" && method === "POST");
  const said = reported(reports);

  /** @type {Check[]} */
  const wrong = [];
  const other = all.find(({ side, method }) => side === "sse" && method !== "POST" && method !== "OPTIONS");
  if (other) wrong.push({ ok: false, final: true, word: "exercise.broken.method", args: { method: other.method }, place: placeOf(other.sent[0]) });
  const astray = asked.slice(0, questions + 1).findIndex(({ address }, i) => address.searchParams.get("attempt") !== String(i + 1));
  if (astray >= 0) {
    const attempt = asked[astray].address.searchParams.get("attempt");
    const isAgain = astray > 0 && attempt === String(astray);
    const word = attempt === null ? "exercise.broken.no_attempt" : isAgain ? "exercise.broken.repeated" : "exercise.broken.order";
    wrong.push({ ok: false, final: true, word, args: { n: astray + 1, attempt }, place: placeOf(asked[astray].sent[0]) });
  }
  /** Of the first that is wrong. @type {Ending["ending"] | undefined} */
  let missed;
  let right = 0;
  for (const [i, exchange] of asked.slice(0, astray < 0 ? questions : astray).entries()) {
    const n = i + 1;
    const truth = endingOf(exchange, capture);
    const report = said[i];
    if (!report) {
      const waited = until - lastOf(exchange, capture);
      if (!truth && Number.isFinite(waited) && waited > silence.most + grace) {
        missed = "silent";
        wrong.push({ ok: false, final: true, word: "exercise.broken.unnoticed", args: { n, ms: Math.round(waited) }, place: endOf(exchange) });
      }
      // A program may as well report all at the end.
      if (truth && exchange === asked.at(-1) && until - truth.at > grace) {
        missed = truth.ending;
        wrong.push({ ok: false, word: "exercise.broken.unreported", args: { n, ending: truth.ending }, place: truth.place });
      }
      break;
    }
    const known = truth && truth.at <= report.at + slack ? truth : ofSilence(exchange, report, capture);
    if (report.value !== known.ending) {
      missed = known.ending;
      const next = asked[n];
      if (next && next.at < report.at && next.at < doneAt(exchange, next.at, capture) - slack) {
        wrong.push({ ok: false, final: true, word: "exercise.broken.overlap", args: { n, next: n + 1 }, place: placeOf(next.sent[0]) });
        break;
      }
      wrong.push({ ok: false, final: true, word: known.word, args: { n, said: report.text ?? String(report.value), status: exchange.status, ms: known.ms }, place: known.place });
      break;
    }
    right++;
  }
  if (said.length > asked.length && !other) {
    wrong.push({ ok: false, final: true, word: "exercise.broken.unasked", args: { reports: said.length, asked: asked.length } });
  }

  /** @type {(Check | undefined)[]} */
  const checks = [
    { ok: right === questions && asked.length === questions, word: "exercise.broken.right", args: { right, questions }, place: endOf(asked.at(-1)) },
    ...wrong,
    asked.length > questions && astray < 0 ? { ok: false, final: true, word: "exercise.broken.more", args: { asked: asked.length, questions }, place: placeOf(asked[questions].sent[0]) } : undefined,
    onlyBy(all, "sse"),
  ];

  // The hints go: the status; errors and the marker in the stream; time.
  const threw = reports.some(({ kind }) => kind === "throw");
  const hint = missed === "refused" ? 1 : missed && ["silent", "open", "late"].includes(missed) ? 3 : missed || threw ? 2 : 1;
  return verdict(checks, hint);
}

/**
 * When something came last.
 * @param {Exchange} exchange
 * @param {Capture} capture
 * @param {number} [until]
 */
function lastOf({ at, got }, capture, until = Infinity) {
  const times = got.map(({ time }) => time - capture.clockOffset);
  return Math.max(at, ...times.filter((time) => time <= until));
}

/**
 * When a question could be left alone: its answer has ended, or has long been silent.
 * @param {Exchange} exchange
 * @param {number} moment what came later does not count
 * @param {Capture} capture
 */
function doneAt(exchange, moment, capture) {
  return endingOf(exchange, capture)?.at ?? exchange.end?.at ?? lastOf(exchange, capture, moment) + silence.least;
}

/**
 * How the bytes say that an answer ended; undefined where they don't.
 * @param {Exchange} exchange
 * @param {Capture} capture
 * @returns {Ending | undefined}
 */
function endingOf(exchange, capture) {
  const { status, answered, got, end } = exchange;
  if (status !== 0 && status !== 200) {
    return { ending: "refused", word: "exercise.broken.was_refused", at: answered, place: placeOf(got[0]) };
  }
  for (const { type, data, at, frame } of arrivalsOf([exchange], capture)) {
    if (data === "[DONE]") return { ending: "complete", word: "exercise.broken.was_complete", at, place: placeOf(frame) };
    if (type === "error") return { ending: "failed", word: "exercise.broken.was_event", at, place: placeOf(frame) };
    if (data.startsWith('{"error"')) return { ending: "failed", word: "exercise.broken.was_data", at, place: placeOf(frame) };
  }
  if (end?.by !== "server") return undefined;
  return { ending: "broken", word: end.how === "complete" ? "exercise.broken.was_ended" : "exercise.broken.was_cut", at: end.at, place: endOf(exchange) };
}

/**
 * What an answer had come to when the program said so, or had given it up before,
 * and nothing had ended it.
 * @param {Exchange} exchange
 * @param {import("../../../../static/js/lib/sandbox.js").Report} report
 * @param {Capture} capture
 * @returns {Ending}
 */
function ofSilence(exchange, report, capture) {
  const given = exchange.end?.by === "client" ? Math.min(report.at, exchange.end.at) : report.at;
  const ms = Math.round(given - lastOf(exchange, capture, given));
  const place = endOf(exchange);
  if (ms < silence.least) return { ending: "open", word: "exercise.broken.early", at: report.at, place, ms };
  if (ms > silence.most) return { ending: "late", word: "exercise.broken.late", at: report.at, place, ms };
  return { ending: "silent", word: "exercise.broken.was_silent", at: report.at, place, ms };
}
