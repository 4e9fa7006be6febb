// @ts-check
// What a run of pressure shows: when the socket was full, where messages
// waited, which were lost, and how old the last one was when it was handled.

import { exchanges, isSocket, isStream, itemsOf, messagesOf, nextOf } from "../../../static/js/lib/exchanges.js";
import { inOrder } from "../../../static/js/lib/finding.js";
import { valueOf } from "../../../static/js/lib/capture.js";

/**
 * @typedef {import("../../../static/js/lib/exchanges.js").Exchange} Exchange
 * @typedef {import("../../../static/js/lib/finding.js").Finding} Finding
 * @typedef {import("../../../static/js/lib/finding.js").Run} Run
 *
 * @typedef {object} Price a message down, as the server wrote it
 * @property {number} n
 * @property {number} made epoch ms of the browser's clock
 * @property {number} at when its Write began, on the same clock
 * @property {number} waiting how many more were in the queue then
 * @property {number} dropped how many were lost before it was made
 */

/** A message that is written so many ms after the one before it, though it was there, had to wait for that one's Write. */
const LONG = 10;

/** How long all those waits are together before they mean anything, in ms. */
const HELD_UP = 150;

/**
 * @param {Run} run
 * @returns {Finding[]}
 */
export function findings(run) {
  const all = exchanges(run.capture);
  const streams = all.filter(isStream);
  const sockets = all.filter(isSocket);
  return inOrder([
    ...streams.flatMap((stream) => [...ofPrices("sse", pricesOf(stream, run), stream, run), ...ofEnd(stream, nextOf(streams, stream), run)]),
    ...sockets.flatMap((socket) => [...ofPrices("ws", pricesOf(socket, run), socket, run), ...ofClose(socket, run)]),
    ...all.filter(({ side, method, status }) => side === "sse" && method === "GET" && status === 204).map(goodbye),
    ...sockets.filter(isUp).flatMap((socket) => ofSending(socket, run)),
    ...ofPosts(all.filter(({ method, status }) => method === "POST" && status === 204)),
    ...ofPage("sse", streams, run),
    ...ofPage("ws", sockets, run),
  ]);
}

/**
 * The prices that an exchange brought down.
 * @param {Exchange} exchange
 * @param {Run} run
 * @returns {Price[]}
 */
function pricesOf(exchange, { capture }) {
  const { clockOffset } = capture;
  return itemsOf(exchange, capture).flatMap(({ data, at }) => {
    const price = parse(data);
    return price ? [{ ...price, made: price.made - clockOffset, at }] : [];
  });
}

/** The numbers in front of a price: what follows them may have been shortened. @param {string} text */
function parse(text) {
  const found = /^\{"n":(\d+),"price":[\d.]+,"made":(\d+),"waiting":(\d+),"dropped":(\d+),/.exec(text);
  if (!found) return undefined;
  const [n, made, waiting, dropped] = found.slice(1).map(Number);
  return { n, made, waiting, dropped };
}

/**
 * What the server saw of it.
 * @param {"sse"|"ws"} side
 * @param {Price[]} prices
 * @param {Exchange} exchange
 * @param {Run} run
 * @returns {Finding[]}
 */
function ofPrices(side, prices, exchange, { controls }) {
  /** @type {Finding[]} */
  const list = [];
  const last = prices.at(-1);
  if (!last) return list;

  const most = Math.max(...prices.map(({ waiting }) => waiting));
  const begin = beginOf(prices, most);
  const stalls = prices.slice(begin + 1).flatMap((price, i) => (waited(prices[begin + i], price) ? [{ from: prices[begin + i].at, to: price.at }] : []));
  const stalled = stalls.reduce((sum, { from, to }) => sum + to - from, 0);
  const isEarly = exchange.end?.by === "server" && last.n < controls.total;
  // A busy machine holds everything up a little, now and then.
  const isFull = most >= controls.queue || last.dropped > 0 || isEarly;
  if (stalled >= HELD_UP && isFull) {
    const args = { bytes: size((begin + 1) * controls.size), seconds: seconds(stalled) };
    list.push({ side, kind: "gap", from: stalls[0].from, to: stalls[stalls.length - 1].to, word: "finding.pressure.full", args, decides: side === "sse" });
    const fullest = prices.find(({ waiting }) => waiting === most) ?? last;
    if (most > 1) list.push({ side, kind: "note", from: fullest.at, word: "finding.pressure.queue", args: { waiting: most } });
  } else if (last.n === controls.total && last.dropped === 0) {
    const bytes = size(prices.length * controls.size);
    if (stalled < HELD_UP) {
      list.push({ side, kind: "note", from: last.at, word: "finding.pressure.unnoticed", args: { bytes } });
    } else {
      // A socket that was full for a moment and a server that got no processor time look the same from here.
      const args = { bytes, waiting: most, queue: controls.queue, seconds: seconds(stalled) };
      list.push({ side, kind: "note", from: last.at, word: "finding.pressure.late", args });
    }
  }

  if (["newest", "oldest", "coalesce"].includes(controls.full) && exchange.end?.by === "server") {
    const begun = prices[0].n - prices[0].dropped; // after a reconnect it is not the first
    const total = controls.total - begun + 1;
    const dropped = total - prices.length;
    if (dropped > 0) {
      const word = last.n === controls.total ? "finding.pressure.dropped" : "finding.pressure.dropped_last";
      list.push({ side, kind: "note", from: last.at, word, args: { dropped, total, last: last.n } });
    }
  }
  return list;
}

/**
 * The place of the price whose Write found the socket full: the last one with
 * nobody behind it before the queue was as long as it ever was.
 * @param {Price[]} prices
 * @param {number} most that waited
 */
function beginOf(prices, most) {
  const fullest = prices.findIndex(({ waiting, dropped }) => waiting === most || dropped > 0);
  return Math.max(0, prices.slice(0, fullest).findLastIndex(({ waiting }) => waiting === 0));
}

/**
 * Whether a price was written late because the Write before it was.
 * @param {Price} before
 * @param {Price} price
 */
function waited(before, price) {
  if (price.at - before.at < LONG) return false;
  return price.waiting > 0 || price.dropped > before.dropped || price.at - price.made >= LONG;
}

/**
 * A stream that the server has ended early.
 * @param {Exchange} stream
 * @param {Exchange|undefined} next
 * @param {Run} run
 * @returns {Finding[]}
 */
function ofEnd(stream, next, run) {
  const prices = pricesOf(stream, run);
  const last = prices.at(-1);
  const { end } = stream;
  if (!last || !end || end.by === "client" || run.controls.full !== "disconnect" || last.n >= run.controls.total) return [];
  // What was in the queue then came after the last for which there was room.
  if (!prices.some(({ waiting }) => waiting >= run.controls.queue - 1)) return [];
  /** @type {Finding[]} */
  const list = [{ side: "sse", kind: "cut", from: end.at, word: "finding.pressure.ended", args: { last: last.n } }];
  if (next) {
    const args = { ms: Math.round(next.at - end.at), id: next.lastEventId };
    list.push({ side: "sse", kind: "note", from: next.at, word: "finding.pressure.again", args });
  }
  return list;
}

/**
 * The browser asked whether there is more.
 * @param {Exchange} exchange
 * @returns {Finding}
 */
function goodbye({ answered, lastEventId }) {
  return { side: "sse", kind: "good", from: answered, word: "finding.pressure.goodbye", args: { id: lastEventId } };
}

/**
 * A socket that the server has closed because of its client.
 * @param {Exchange} socket
 * @param {Run} run
 * @returns {Finding[]}
 */
function ofClose(socket, run) {
  const close = socket.got.find(({ kind }) => kind === "close");
  const code = Number(close && valueOf(close, "websocket.payload.close.status_code"));
  if (!close || code !== 1013) return [];
  const args = { code, last: pricesOf(socket, run).at(-1)?.n ?? 0 };
  return [{ side: "ws", kind: "cut", from: close.time - run.capture.clockOffset, word: "finding.pressure.closed", args }];
}

/** @param {Exchange} socket */
function isUp({ address }) {
  return address.searchParams.get("way") === "up";
}

/**
 * What a program has sent faster than the server reads. It logs what send() has
 * not got rid of yet.
 * @param {Exchange} socket
 * @param {Run} run
 * @returns {Finding[]}
 */
function ofSending({ sent, end }, { reports }) {
  const own = reports.filter(({ side }) => side === "ws");
  const amounts = own.flatMap(({ kind, at, values }) => {
    const amount = kind === "log" && /bufferedAmount (\d+)$/.exec(values.join(" "))?.[1];
    return amount ? [{ at, amount: Number(amount) }] : [];
  });
  /** @type {Finding[]} */
  const list = [];
  const rise = amounts.findIndex(({ amount }) => amount > 0);
  if (rise >= 0) {
    const most = Math.max(...amounts.map(({ amount }) => amount));
    const from = amounts[Math.max(0, rise - 1)].at;
    list.push({ side: "ws", kind: "gap", from, to: amounts[amounts.length - 1].at, word: "finding.pressure.buffered", args: { bytes: size(most) } });
  }
  if (end?.by === "server") {
    const given = own.filter(({ kind }) => kind === "send").reduce((sum, { data, length }) => sum + (length ?? data.length), 0);
    const read = messagesOf(sent).reduce((sum, { length }) => sum + length, 0);
    if (given > read) list.push({ side: "ws", kind: "cut", from: end.at, word: "finding.pressure.unread", args: { given: size(given), read: size(read) } });
  }
  return list;
}

/**
 * Requests that each waited for the answer to the one before.
 * @param {Exchange[]} posts
 * @returns {Finding[]}
 */
function ofPosts(posts) {
  const last = posts.at(-1);
  // A program may have sent several at once.
  if (!last || posts.some(({ at }, i) => i > 0 && at < posts[i - 1].answered)) return [];
  const ms = Math.round(posts.reduce((sum, { at, answered }) => sum + answered - at, 0) / posts.length);
  return [{ side: "sse", kind: "good", from: last.answered, word: "finding.pressure.posts", args: { posts: posts.length, ms } }];
}

/**
 * What the page saw of it: how much lay in its memory, and how old the last
 * price was when it was handled. Its program logs the number of each; of one that
 * logs some alone it is not known what it still has.
 * @param {"sse"|"ws"} side
 * @param {Exchange[]} list
 * @param {Run} run
 * @returns {Finding[]}
 */
function ofPage(side, list, run) {
  const made = new Map(list.flatMap((exchange) => pricesOf(exchange, run)).map((price) => [price.n, price.made]));
  /** @type {number[]} */
  const inPage = [];
  let isKnown = true;
  let most = { inPage: 0, at: 0 };
  let last;
  for (const report of run.reports) {
    if (report.side !== side) continue;
    const came = report.kind === "message" ? (parse(report.data)?.n ?? 0) : 0;
    if (made.has(came)) inPage.push(came);
    if (inPage.length > most.inPage) most = { inPage: inPage.length, at: report.at };
    const n = report.kind === "log" ? Number(report.values[0]) : NaN;
    if (!made.has(n)) continue; // or the page does not have its frame yet
    last = { n, at: report.at };
    isKnown &&= inPage.shift() === n;
  }

  /** @type {Finding[]} */
  const found = [];
  const isHeldUp = list.some((exchange) => ofPrices(side, pricesOf(exchange, run), exchange, run).some(({ word }) => word === "finding.pressure.full"));
  if (most.inPage > 5 && last && isKnown && !isHeldUp) {
    const args = { messages: most.inPage, bytes: size(most.inPage * run.controls.size) };
    found.push({ side, kind: "gap", from: most.at, word: "finding.pressure.page", args });
  }
  if (last) {
    const age = last.at - (made.get(last.n) ?? last.at);
    found.push({ side, kind: "note", from: last.at, word: "finding.pressure.age", args: { n: last.n, seconds: seconds(age) } });
  }
  return found;
}

/** @param {number} ms */
function seconds(ms) {
  return (ms / 1000).toFixed(1);
}

/** A number of bytes with its unit. @param {number} bytes */
function size(bytes) {
  return bytes < 1e6 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
