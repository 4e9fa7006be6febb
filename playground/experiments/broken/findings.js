// @ts-check
// What a run of broken shows: how each answer ended, what of that the program
// can know, what asking again brought, and how many tokens were made for it.

import { valueOf } from "../../../static/js/lib/capture.js";
import { arrivalsOf } from "../../../static/js/lib/evidence.js";
import { exchanges, nextOf } from "../../../static/js/lib/exchanges.js";
import { inOrder } from "../../../static/js/lib/finding.js";

/**
 * @typedef {import("../../../static/js/lib/exchanges.js").Exchange} Exchange
 * @typedef {import("../../../static/js/lib/finding.js").Finding} Finding
 * @typedef {import("../../../static/js/lib/finding.js").Run} Run
 *
 * @typedef {object} Item what an event or a message says
 * @property {number} at
 * @property {string} type of the event
 * @property {number} [n]
 * @property {string} [finish]
 * @property {any} [error]
 * @property {boolean} isEnd the marker
 */

/** A gap in the tokens that is told, in ms. */
const long = 800;

/**
 * @param {Run} run
 * @returns {Finding[]}
 */
export function findings(run) {
  const all = exchanges(run.capture).filter(({ method }) => method !== "OPTIONS");
  return inOrder(
    /** @type {const} */ (["sse", "ws"]).flatMap((side) => {
      const asked = all.filter((exchange) => exchange.side === side);
      return [...asked.flatMap((exchange) => [...ofAgain(exchange, asked, run), ...ofAnswer(exchange, nextOf(asked, exchange), run)]), ...ofBill(side, run)];
    }),
  );
}

/** @param {Exchange} exchange @param {Run} run @returns {Item[]} */
function itemsOf(exchange, { capture }) {
  return arrivalsOf([exchange], capture).map(({ at, type, data }) => {
    if (data === "[DONE]") return { at, type, isEnd: true };
    try {
      const { n, finish, error } = JSON.parse(data);
      return { at, type, n, finish, error, isEnd: false };
    } catch {
      return { at, type, isEnd: false };
    }
  });
}

/**
 * How an answer ended.
 * @param {Exchange} exchange
 * @param {Exchange | undefined} next
 * @param {Run} run
 * @returns {Finding[]}
 */
function ofAnswer(exchange, next, run) {
  const { side, status, answered, got, end } = exchange;
  const isStream = side === "sse";
  const items = itemsOf(exchange, run);
  const tokens = items.filter(({ n }) => n !== undefined).length;
  const moment = { side, kind: /** @type {const} */ ("cut"), decides: isStream };
  if (status === 0) return [];
  if (status !== (isStream ? 200 : 101)) {
    const head = got.find(({ kind }) => kind === "response");
    const seconds = head && valueOf(head, "http.retry_after");
    if (seconds) return [{ ...moment, from: answered, word: "finding.broken.later", args: { status, seconds } }];
    const word = isStream ? "finding.broken.refused" : "finding.broken.ws_refused";
    return [{ ...moment, from: answered, word, args: { status, code: 1006 }, field: "http.response.code" }];
  }

  const list = ofGaps(exchange, items, run);
  const failed = items.find(({ error, type }) => error || type === "error");
  const whole = items.find(({ isEnd }) => isEnd);
  const close = got.find(({ kind }) => kind === "close");
  const code = Number((close && valueOf(close, "websocket.payload.close.status_code")) ?? 1006);
  if (failed) {
    const word = !isStream ? "finding.broken.ws_message" : failed.type === "error" ? "finding.broken.event" : "finding.broken.data";
    list.push({ ...moment, from: failed.at, word, args: { tokens, code } });
  } else if (whole) {
    const limited = items.some(({ finish }) => finish === "length");
    list.push({ ...moment, kind: limited ? "note" : "good", decides: isStream && !next, from: whole.at, word: limited ? "finding.broken.length" : "finding.broken.whole", args: { tokens } });
  } else if (end?.by === "server") {
    list.push({ ...moment, from: end.at, ...ofEnd(exchange, tokens, code) });
  } else if (end && !list.some(({ word }) => word === "finding.broken.silence")) {
    const ms = Math.round(Math.max(0, (end.other ?? end.at) - end.at));
    list.push({ ...moment, kind: "note", from: end.at, word: end.other === undefined ? "finding.broken.left" : "finding.broken.stopped", args: { ms, tokens } });
  }
  return list;
}

/**
 * An end by the server, without its marker.
 * @param {Exchange} exchange
 * @param {number} tokens
 * @param {number} code of the close frame, 1006 where there is none
 * @returns {{word: Finding["word"], args: Record<string, unknown>}}
 */
function ofEnd({ side, got, end }, tokens, code) {
  const args = { tokens, code };
  if (side === "ws") {
    if (code === 1000) return { word: "finding.broken.ws_end", args };
    if (code === 1013) return { word: "finding.broken.ws_later", args };
    if (code === 1011) return { word: "finding.broken.ws_code", args };
    if (code !== 1006) return { word: "finding.broken.ws_other", args };
    const isPage = got.some(({ protocol, kind, violations }) => protocol === "websocket" && kind !== "text" && (violations?.length ?? 0) > 0);
    return { word: isPage ? "finding.broken.ws_page" : "finding.broken.ws_cut", args };
  }
  if (end?.how !== "complete") return { word: "finding.broken.cut", args };
  const isPage = got.some(({ protocol, fields }) => protocol === "sse" && fields.some(({ value }) => value.startsWith("<html>")));
  return { word: isPage ? "finding.broken.page" : "finding.broken.end", args };
}

/**
 * Times in which nothing came: up to more, or until the client had no more patience.
 * One that has stopped, or was stopped, had not waited so long.
 * @param {Exchange} exchange
 * @param {Item[]} items
 * @param {Run} run
 * @returns {Finding[]}
 */
function ofGaps({ side, answered, end }, items, run) {
  const { every, patience, stop } = run.controls;
  const moment = { side, kind: /** @type {const} */ ("gap"), decides: side === "sse" };
  const times = [answered, ...items.map(({ at }) => at)];
  /** @type {Finding[]} */
  const list = times.slice(1).flatMap((to, i) => {
    const ms = Math.round(to - times[i]);
    return ms < Math.max(long, 3 * every) ? [] : [{ ...moment, from: times[i], to, word: "finding.broken.slow", args: { ms } }];
  });
  const from = times.at(-1) ?? answered;
  const isOver = items.some(({ type, isEnd, error }) => type === "error" || isEnd || error);
  const hasStopped = stop > 0 && items.some(({ n }) => n !== undefined && n >= stop);
  if (!isOver && !hasStopped && end?.by === "client" && end.at - from >= patience) {
    list.push({ ...moment, from, to: end.at, word: "finding.broken.silence", args: { ms: Math.round(end.at - from) } });
  }
  return list;
}

/**
 * What a request that is not the first one asks for, and gets.
 * @param {Exchange} exchange
 * @param {Exchange[]} asked
 * @param {Run} run
 * @returns {Finding[]}
 */
function ofAgain(exchange, asked, run) {
  const { side, address, at } = exchange;
  if (Number(address.searchParams.get("attempt") ?? 1) < 2) return [];
  const first = itemsOf(exchange, run).find(({ n }) => n !== undefined)?.n;
  if (first === undefined) return [];
  const before = asked.slice(0, asked.indexOf(exchange)).flatMap((earlier) => itemsOf(earlier, run));
  if (!before.some(({ n }) => n !== undefined)) return [{ side, kind: "note", from: at, word: "finding.broken.answered", args: {} }];
  const { then } = run.controls;
  if (first > 1) return [{ side, kind: "good", from: at, word: "finding.broken.resumed", args: { after: first - 1 } }];
  return [{ side, kind: then === "again" ? "note" : "good", from: at, word: then === "again" ? "finding.broken.again" : "finding.broken.key", args: {} }];
}

/**
 * What the answers of a side have cost.
 * @param {"sse"|"ws"} side
 * @param {Run} run
 * @returns {Finding[]}
 */
function ofBill(side, run) {
  const { capture } = run;
  const bills = capture.log.filter((line) => line.side === side && line.event === "made");
  const last = bills.at(-1);
  if (!last) return [];
  const made = bills.reduce((sum, { args }) => sum + Number(args[0]), 0);
  const answers = exchanges(capture).filter((exchange) => exchange.side === side);
  const shown = Math.max(0, ...answers.slice(-1).flatMap((exchange) => itemsOf(exchange, run).map(({ n }) => n ?? 0)));
  return [{ side, kind: "note", from: last.time - capture.clockOffset, word: "finding.broken.bill", args: { made, shown } }];
}
