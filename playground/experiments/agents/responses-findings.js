// @ts-check
// What a run with the Responses API shows: after which event the connection was lost,
// whether the response went on with the next one or was made again, and how it ended.

import { valueOf } from "../../../static/js/lib/capture.js";
import { arrivalsOf } from "../../../static/js/lib/evidence.js";

/**
 * @typedef {import("../../../static/js/lib/exchanges.js").Exchange} Exchange
 * @typedef {import("../../../static/js/lib/finding.js").Finding} Finding
 * @typedef {import("../../../static/js/lib/finding.js").Run} Run
 */

/** The last events of a response. */
const endings = ["response.completed", "response.incomplete", "response.failed", "error"];

/** Whether an exchange is the API's. @param {Exchange} exchange */
export function isResponses({ address }) {
  return address.pathname.startsWith("/v1/responses");
}

/**
 * @param {Exchange[]} all
 * @param {Run} run
 * @returns {Finding[]}
 */
export function ofResponses(all, run) {
  return [...ofSide("sse", all, run), ...ofSide("ws", all, run)];
}

/**
 * @param {"sse"|"ws"} side
 * @param {Exchange[]} all
 * @param {Run} run
 */
function ofSide(side, all, run) {
  /** @type {Finding[]} */
  const list = [];
  const own = all.filter((exchange) => exchange.side === side);
  let events = 0;
  let last = -1;
  for (const [i, exchange] of own.entries()) {
    const after = exchange.address.searchParams.get("starting_after");
    const moment = { side, from: exchange.at };
    if (after !== null && exchange.status === 200) list.push({ ...moment, kind: "good", word: "finding.agents.after", args: { after } });
    else if (after !== null && exchange.status) list.push({ ...moment, kind: "cut", word: "finding.agents.response_gone", args: { status: exchange.status } });
    else if (i > 0 && last >= 0) list.push({ ...moment, kind: "note", word: "finding.agents.response_again", args: {} });

    const came = eventsOf(exchange, run);
    events += came.length;
    last = came.at(-1)?.number ?? last;
    const ending = came.find(({ type }) => endings.includes(type));
    if (ending) {
      const kind = ending.type === "response.completed" ? "good" : "cut";
      const word = kind === "good" ? "finding.agents.response_ended" : "finding.agents.response_failed";
      list.push({ side, kind, from: ending.at, word, args: { type: ending.type, number: ending.number, events }, decides: true });
    } else if (came.length > 0 && exchange.end?.by === "server") {
      const close = exchange.got.find(({ kind }) => kind === "close");
      const word = side === "sse" ? "finding.agents.response_lost" : "finding.agents.response_lost_socket";
      const code = Number((close && valueOf(close, "websocket.payload.close.status_code")) ?? 1006);
      list.push({ side, kind: "cut", from: exchange.end.at, word, args: side === "sse" ? { number: last } : { number: last, code } });
    }
  }
  return list;
}

/**
 * The typed events that an exchange has brought.
 * @param {Exchange} exchange
 * @param {Run} run
 * @returns {{type: string, number: number, at: number}[]}
 */
function eventsOf(exchange, { capture }) {
  return arrivalsOf([exchange], capture).flatMap(({ data, at }) => {
    try {
      const { type, sequence_number: number } = JSON.parse(data);
      return typeof number === "number" ? [{ type, number, at }] : [];
    } catch {
      return []; // not of this server
    }
  });
}
