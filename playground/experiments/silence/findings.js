// @ts-check
// What a run of silence shows: how long the line said nothing, what came over
// it that the code did not see, whether an alarm was right, and what the end of
// a line keeps to itself.

import { valueOf } from "../../../static/js/lib/capture.js";
import { exchanges, isSocket, isStream } from "../../../static/js/lib/exchanges.js";
import { inOrder, latest } from "../../../static/js/lib/finding.js";

/**
 * @typedef {import("../../../static/js/lib/exchanges.js").Exchange} Exchange
 * @typedef {import("../../../static/js/lib/finding.js").Finding} Finding
 * @typedef {import("../../../static/js/lib/finding.js").Run} Run
 *
 * @typedef {object} Line one side's line, as far as it is known
 * @property {"sse"|"ws"} side
 * @property {Exchange} exchange
 * @property {number[]} bytes when something came from the server, in order
 * @property {number[]} numbers when a number came
 * @property {number[]} hidden when a heartbeat came that is not for code: a comment, a ping frame
 * @property {number[]} seen when a heartbeat came that is: an event, a pong that is a message
 * @property {number|undefined} alarm when the code gave up
 */

/** What comes within this time, in ms, comes at once. */
const AT_ONCE = 200;

/** What is said of an end, by side and by the control that chooses it. */
const END_WORDS = /** @type {const} */ ({
  sse: { end: "finding.silence.sse_end", reset: "finding.silence.sse_reset", refused: "finding.silence.sse_refused" },
  ws: { end: "finding.silence.ws_end", reset: "finding.silence.ws_reset", refused: "finding.silence.ws_refused" },
});

/**
 * @param {Run} run
 * @returns {Finding[]}
 */
export function findings(run) {
  const all = exchanges(run.capture);
  return inOrder(
    /** @type {const} */ (["sse", "ws"]).flatMap((side) => {
      const first = all.find((exchange) => exchange.side === side);
      if (!first) return [];
      const line = lineOf(first, run);
      return [...ofSilence(line, run), ...ofHeartbeats(line, run), ...ofServer(line, run), ...ofEnd(line, run)];
    }),
  );
}

/**
 * @param {Exchange} exchange
 * @param {Run} run
 * @returns {Line}
 */
function lineOf(exchange, { capture, reports }) {
  const { side, got } = exchange;
  const body = isStream(exchange) || isSocket(exchange) ? got.filter((frame) => frame.kind !== "last-chunk" && frame.kind !== "close") : [];
  const times = (/** @type {typeof got} */ frames) => frames.map((frame) => frame.time - capture.clockOffset);
  const events = (/** @type {boolean} */ heartbeats) =>
    body.filter(({ sse }) => sse?.event && (sse.event.type === "heartbeat") === heartbeats);
  const messages = (/** @type {boolean} */ heartbeats) =>
    body.filter((frame) => frame.kind === "text" && (valueOf(frame, "websocket.payload") === "pong") === heartbeats);
  const sorted = (/** @type {typeof got} */ frames) => times(frames).toSorted((a, b) => a - b);
  return {
    side,
    exchange,
    bytes: sorted(body),
    numbers: sorted(side === "sse" ? events(false) : messages(false)),
    hidden: times(body.filter(({ kind }) => kind === (side === "sse" ? "comment" : "ping"))),
    seen: times(side === "sse" ? events(true) : messages(true)),
    alarm: reports.find((report) => report.side === side && report.kind === "report" && report.value === "alarm")?.at,
  };
}

/**
 * The silence that the run is about, and what the code made of it.
 * @param {Line} line
 * @param {Run} run
 * @returns {Finding[]}
 */
function ofSilence(line, run) {
  const { side, bytes, alarm } = line;
  const { controls } = run;
  if (bytes.length === 0 || controls.moments === "surprise") return ofAlarm(line);
  if (!hasBegun(line, run) && controls.then !== "quiet") return ofAlarm(line);
  switch (controls.then) {
    case "dead": {
      const from = bytes[bytes.length - 1];
      const told = run.reports.find((report) => report.side === side && ["error", "close"].includes(report.kind) && report.at > from)?.at;
      const to = alarm ?? Math.max(from, told ?? line.exchange.end?.at ?? latest(run));
      const args = { ms: Math.round(to - from) };
      // Code that reads the body sees comments, too.
      const known = controls.heartbeat === "message" || (sees(line, run) && line.hidden.length > 0);
      /** @type {Finding[]} */
      const list = [{ side, kind: "gap", from, to, word: "finding.silence.dead", args, decides: side === "sse" }];
      if (alarm) list.push({ side, kind: known ? "good" : "note", from: alarm, word: known ? "finding.silence.right" : "finding.silence.lucky", args });
      return list;
    }
    case "slow": {
      const { from, to } = longest(bytes, alarm);
      const args = { ms: Math.round(to - from), patience: controls.patience };
      const atOnce = line.numbers.filter((time) => time >= to && time - to < AT_ONCE).length > 1;
      // Nothing came after it yet, or the program's patience is another than the control says.
      if (!alarm && (line.numbers.length === controls.after || to - from >= controls.patience || !atOnce)) return [];
      const word = alarm ? "finding.silence.too_slow" : "finding.silence.slow";
      return [{ side, kind: "gap", from, to, word, args }];
    }
    case "quiet": {
      const heardOf = sees(line, run) ? [...line.numbers, ...line.seen, ...line.hidden] : [...line.numbers, ...line.seen];
      const { from, to } = longest(alarm ? heardOf.toSorted((a, b) => a - b) : line.numbers, alarm);
      const within = (/** @type {number[]} */ list) => list.filter((time) => time > from && time < to).length;
      const heard = sees(line, run) ? within(line.seen) + within(line.hidden) : within(line.seen);
      const args = { ms: Math.round(to - from), heard, unheard: within(line.hidden) };
      if (alarm) return [{ side, kind: "cut", from: alarm, word: "finding.silence.false_alarm", args }];
      return heard > 0 ? [{ side, kind: "good", from, word: "finding.silence.quiet", args }] : [];
    }
    default:
      return [];
  }
}

/**
 * Where it is not known what the line was, an alarm is only that.
 * @param {Line} line
 * @returns {Finding[]}
 */
function ofAlarm({ side, bytes, alarm }) {
  if (!alarm || bytes.length === 0) return [];
  const last = bytes.findLast((time) => time < alarm);
  if (last === undefined) return [];
  return [{ side, kind: "note", from: alarm, word: "finding.silence.alarm", args: { ms: Math.round(alarm - last) } }];
}

/**
 * What the code did not see, and what was not answered.
 * @param {Line} line
 * @param {Run} run
 * @returns {Finding[]}
 */
function ofHeartbeats(line, run) {
  const { side, exchange, hidden, bytes } = line;
  const { capture, reports } = run;
  /** @type {Finding[]} */
  const list = [];
  if (hidden.length > 0) {
    const pongs = exchange.sent.filter(({ kind }) => kind === "pong").length;
    const read = side === "sse" && sees(line, run);
    const word = side === "ws" ? "finding.silence.pongs" : read ? "finding.silence.read" : "finding.silence.comments";
    if (side === "sse" || pongs > 0) list.push({ side, kind: "note", from: hidden[0], word, args: { heartbeats: hidden.length, pongs } });
  }
  const last = bytes.at(-1) ?? Infinity;
  const asked = reports.filter((report) => report.side === "ws" && report.kind === "send" && report.data === "ping" && report.at > last);
  if (side === "ws" && asked.length > 0 && run.controls.then === "dead" && hasBegun(line, run)) {
    list.push({ side, kind: "note", from: asked[0].at, word: "finding.silence.unanswered", args: { pings: asked.length } });
  }
  const closes = exchange.sent.find(({ kind }) => kind === "close");
  const answered = exchange.got.some(({ kind }) => kind === "close");
  const told = reports.some((report) => report.side === side && report.kind === "close");
  if (closes && !answered && !told) {
    list.push({ side, kind: "note", from: closes.time - capture.clockOffset, word: "finding.silence.unheard", args: {} });
  }
  return list;
}

/**
 * A server that asks notices as well.
 * @param {Line} line
 * @param {Run} run
 * @returns {Finding[]}
 */
function ofServer({ side }, { capture, controls }) {
  const gone = capture.log.find((line) => line.side === side && line.event === "ping-unanswered");
  if (!gone) return [];
  const args = { patience: controls.patience };
  return [{ side, kind: "good", from: gone.time - capture.clockOffset, word: "finding.silence.server", args }];
}

/**
 * What code is told of an end, beside what the wire knows of it.
 * @param {Line} line
 * @param {Run} run
 * @returns {Finding[]}
 */
function ofEnd({ side, exchange }, { reports, controls }) {
  /** @type {Finding["word"]|undefined} */
  const word = END_WORDS[side][/** @type {keyof typeof END_WORDS.sse} */ (controls.then)];
  if (!word) return [];
  const told = reports.find((report) => report.side === side && report.kind === (side === "sse" ? "error" : "close"));
  if (!told || exchange.end?.by === "client" || !isEnd(side, controls.then, exchange, told)) return [];
  const args = side === "sse" ? { state: told.readyState } : { code: told.code };
  return [{ side, kind: controls.then === "end" ? "note" : "cut", from: told.at, word, args }];
}

/**
 * Whether the wire shows the end that the control chooses, and not another one.
 * @param {"sse"|"ws"} side
 * @param {"end"|"reset"|"refused"} then
 * @param {Exchange} exchange
 * @param {import("../../../static/js/lib/sandbox.js").Report} told
 */
function isEnd(side, then, { status, end }, told) {
  if (then === "refused") return status === 500;
  if (then === "reset") return end?.how === "reset" && (side === "sse" || told.code === 1006);
  return side === "sse" ? end?.how === "complete" : told.code === 1005;
}

/**
 * Whether the moment has come that the run is about: one that was stopped before has
 * not, and what the code said earlier is about something else.
 * @param {Line} line
 * @param {Run} run
 */
function hasBegun({ numbers, alarm = Infinity }, { controls }) {
  return controls.after > 0 && numbers.length >= controls.after && numbers[controls.after - 1] <= alarm;
}

/**
 * Whether the code reads bytes, and so sees what EventSource keeps from it.
 * @param {Line} line
 * @param {Run} run
 */
function sees({ side }, { reports }) {
  return reports.some((report) => report.side === side && report.kind === "read");
}

/**
 * The longest time without an entry, or the one that the alarm ended.
 * @param {number[]} times in order
 * @param {number|undefined} alarm
 */
function longest(times, alarm) {
  if (alarm) return { from: times.findLast((time) => time < alarm) ?? alarm, to: alarm };
  let found = { from: times[0], to: times[0] };
  times.forEach((to, i) => {
    const from = times[i - 1] ?? to;
    if (to - from > found.to - found.from) found = { from, to };
  });
  return found;
}
