// @ts-check
// What a run with the Responses API shows: after which event the connection was lost,
// whether the response went on with the next one or was made again, and how it ended.

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
  let events = 0;
  let number = -1;
  for (const exchange of all.filter((exchange) => exchange.side === side)) {
    const { at: from, address, status, end } = exchange;
    const after = address.searchParams.get("starting_after");
    if (after && status >= 400) list.push({ side, kind: "cut", from, word: "finding.agents.response_gone", args: { status } });
    else if (after) list.push({ side, kind: "good", from, word: "finding.agents.after", args: { after } });
    else if (events > 0) list.push({ side, kind: "note", from, word: "finding.agents.response_again", args: {} });

    let type = "";
    for (const { data, at } of arrivalsOf([exchange], run.capture)) {
      ({ type, sequence_number: number = number } = JSON.parse(data)); // some errors have none
      events++;
      if (type === "response.completed") list.push({ side, kind: "good", from: at, word: "finding.agents.response_ended", args: { type, number, events }, decides: true });
      else if (endings.includes(type)) list.push({ side, kind: "cut", from: at, word: "finding.agents.response_failed", args: { type, number }, decides: true });
    }
    if (type && end?.by === "server" && !endings.includes(type)) list.push({ side, kind: "cut", from: end.at, word: "finding.agents.response_lost", args: { number } });
  }
  return list;
}
