// @ts-check
// What counts in an exercise: what came over the wire, and what of it the
// program reported, each thing once and not before it was there.

import { exchanges, isSocket, isStream } from "./exchanges.js";
import { valueOf } from "./capture.js";

/**
 * @typedef {import("./capture.js").Capture} Capture
 * @typedef {import("./capture.js").Frame} Frame
 * @typedef {import("./exchanges.js").Exchange} Exchange
 * @typedef {import("./sandbox.js").Report} Report
 * @typedef {import("./verdict.js").Check} Check
 * @typedef {import("./verdict.js").Place} Place
 *
 * @typedef {object} Arrival an event, or a message
 * @property {string} type of an event, "message" for a message
 * @property {string} data
 * @property {number} at in epoch ms of the browser's clock
 * @property {Frame} frame
 * @property {Exchange} exchange
 *
 * @typedef {object} Matched
 * @property {Map<string, Arrival>} came what arrived, by its name: the first time
 * @property {{name: string, report: Report, arrival: Arrival}[]} good reports of what had come, each for the first time
 * @property {{name: string, report: Report, arrival?: Arrival}[]} madeUp reports of what had not come before them, or never came
 * @property {{name: string, report: Report, arrival: Arrival}[]} twice reports of what had been reported
 * @property {string[]} missing what came and was not reported
 */

/** How far the two clocks may be apart, in ms. */
export const slack = 50;

/**
 * What exchanges have brought down, in the order of time.
 * @param {Exchange[]} list
 * @param {Capture} capture
 * @returns {Arrival[]}
 */
export function arrivalsOf(list, capture) {
  const all = list.flatMap((exchange) =>
    exchange.got.flatMap((frame) => {
      const at = frame.time - capture.clockOffset;
      if (frame.sse?.event) return [{ type: frame.sse.event.type, data: frame.sse.event.data, at, frame, exchange }];
      if (frame.protocol !== "websocket" || (frame.kind !== "text" && frame.kind !== "binary")) return [];
      return [{ type: "message", data: valueOf(frame, "websocket.payload") ?? "", at, frame, exchange }];
    }),
  );
  return all.sort((a, b) => a.at - b.at);
}

/**
 * Holds the reports of a program against what came.
 * @param {Arrival[]} arrivals
 * @param {Report[]} reports
 * @param {(arrival: Arrival) => string | undefined} nameOf what has come; undefined for what is not to be reported
 * @param {(value: any) => string} nameIn what a report is about
 * @returns {Matched}
 */
export function matched(arrivals, reports, nameOf, nameIn) {
  /** @type {Map<string, Arrival>} */
  const came = new Map();
  for (const arrival of arrivals) {
    const name = nameOf(arrival);
    if (name !== undefined && !came.has(name)) came.set(name, arrival);
  }
  /** @type {Matched} */
  const result = { came, good: [], madeUp: [], twice: [], missing: [] };
  const said = new Set();
  for (const report of reports) {
    const name = nameIn(report.value);
    const arrival = came.get(name);
    if (!arrival || arrival.at > report.at + slack) result.madeUp.push({ name, report, arrival });
    else if (said.has(name)) result.twice.push({ name, report, arrival });
    else result.good.push({ name, report, arrival });
    said.add(name);
  }
  result.missing = [...came.keys()].filter((name) => !result.good.some((good) => good.name === name));
  return result;
}

/** What a program has reported with report(). @param {Report[]} reports @returns {Report[]} */
export function reported(reports) {
  return reports.filter(({ kind }) => kind === "report");
}

/** Where a frame begins. @param {Frame | undefined} frame @returns {Place | undefined} */
export function placeOf(frame) {
  return frame && { connection: frame.connection, from: frame.from, offset: frame.offset };
}

/** Where an exchange was ended. @param {Exchange | undefined} exchange @returns {Place | undefined} */
export function endOf(exchange) {
  if (!exchange) return undefined;
  if (!exchange.end) return placeOf(exchange.got.at(-1) ?? exchange.sent.at(-1));
  const last = exchange.end.by === "client" ? exchange.sent : exchange.got;
  if (exchange.end.how === "complete" || exchange.end.how === "close") return placeOf(last.at(-1));
  return { connection: exchange.sent[0].connection, from: exchange.end.by, offset: Infinity };
}

/**
 * An exercise about one protocol is not solved with the other.
 * @param {Exchange[]} list
 * @param {"sse" | "ws"} side that the exercise is about
 * @returns {Check | undefined}
 */
export function onlyBy(list, side) {
  const other = list.find((exchange) => exchange.side !== side && (isSocket(exchange) || isStream(exchange)));
  return other && { ok: false, final: true, word: side === "sse" ? "exercise.only_sse" : "exercise.only_ws", args: {}, place: placeOf(other.sent[0]) };
}

/**
 * What does not go over this run's connections does not count.
 * @param {Report[]} reports
 * @param {string} capture the run's
 * @returns {Check | undefined}
 */
export function nothingBeside(reports, capture) {
  const beside = addressesIn(reports).find(({ pathname, searchParams }) => /^\/(play|v1)\//.test(pathname) && searchParams.get("capture") !== capture);
  return beside && { ok: false, final: true, word: "exercise.beside", args: { address: beside.pathname + beside.search } };
}

/** What a program has asked for, as far as it can be an address. @param {Report[]} reports */
function addressesIn(reports) {
  return reports.filter(({ kind, address }) => kind === "request" && URL.canParse(address)).map(({ address }) => new URL(address));
}

/**
 * Whether everything has come to its end that the programs have asked this
 * server for, on each part of its way.
 * @param {Capture} capture
 * @param {Report[]} reports
 * @param {string} server its host and port
 */
export function isAllOver(capture, reports, server) {
  const front = exchanges(capture);
  const asked = addressesIn(reports).filter(({ host }) => host === server).length;
  return front.length >= asked && [...front, ...exchanges(capture, "backend")].every(isOver);
}

/** A close frame asks for another (RFC 6455 §5.5.1). @param {Exchange} exchange */
function isOver({ end }) {
  return end !== undefined && (end.how !== "close" || end.other !== undefined);
}
