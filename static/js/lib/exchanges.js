// @ts-check
// The requests of a capture, each with its answer and its end: what findings
// and exercises reason about.

import { sideOf, valueOf } from "./capture.js";

/**
 * @typedef {import("./capture.js").Frame} Frame
 * @typedef {import("./capture.js").Capture} Capture
 * @typedef {import("./capture.js").Connection} Connection
 *
 * @typedef {object} Exchange a request, what was answered, and how it ended; its times are in epoch ms of the browser's clock
 * @property {"sse"|"ws"} side
 * @property {string} method
 * @property {URL} address
 * @property {string} agent what User-Agent says
 * @property {string} lastEventId what Last-Event-ID says, "" where it is absent
 * @property {number} at when the request was there
 * @property {Frame[]} sent what the client sent, from the request on
 * @property {number} status of the answer, 0 for none
 * @property {string} contentType
 * @property {number} answered when the answer's head was there
 * @property {Frame[]} got what the server sent, from the answer's head on
 * @property {End} [end]
 *
 * @typedef {object} End
 * @property {number} at
 * @property {"client"|"server"} by
 * @property {number} [other] when the other end had ended it as well
 * @property {string} how "complete" where HTTP says that the body ends, "close" for a close frame, else what became of the connection: "reset", "fin" …
 */

/**
 * @param {Capture} capture
 * @param {string} [hop] the part of the way: the one that the browser sees, or "backend" for the one behind a proxy
 * @returns {Exchange[]} in the order of their requests
 */
export function exchanges(capture, hop = "") {
  const connections = [...capture.connections.values()].filter((connection) => connection.hop === hop);
  const all = connections.flatMap((connection) => exchangesOf(connection, capture));
  return all.sort((a, b) => a.at - b.at);
}

/**
 * The exchange in which a client came back, which is the next one that it made:
 * under one capture there may be a page and a terminal.
 * @param {Exchange[]} list
 * @param {Exchange} exchange one of them
 */
export function nextOf(list, exchange) {
  return list.slice(list.indexOf(exchange) + 1).find(({ agent }) => agent === exchange.agent);
}

/**
 * Whether an exchange carries an event stream.
 * @param {Exchange} exchange
 */
export function isStream({ side, status, contentType }) {
  return side === "sse" && status === 200 && contentType.startsWith("text/event-stream");
}

/**
 * Whether an exchange has opened a WebSocket.
 * @param {Exchange} exchange
 */
export function isSocket({ side, status }) {
  return side === "ws" && status === 101;
}

/**
 * What an event stream has dispatched, with the moment of each event.
 * @param {Exchange} exchange
 * @param {Capture} capture
 * @returns {{type: string, data: string, lastEventId: string, at: number}[]}
 */
export function eventsOf(exchange, capture) {
  const frames = exchange.got.filter((frame) => frame.sse?.event);
  return frames.map((frame) => ({ ...frame.sse.event, at: frame.time - capture.clockOffset }));
}

/**
 * The frames with a WebSocket's messages, as long as no message is fragmented.
 * @param {Frame[]} frames
 */
export function messagesOf(frames) {
  return frames.filter((frame) => frame.protocol === "websocket" && ["text", "binary"].includes(frame.kind));
}

/**
 * What an exchange has brought down: the data of its events, or its messages,
 * with the moment of each.
 * @param {Exchange} exchange
 * @param {Capture} capture
 * @returns {{data: string, at: number}[]}
 */
export function itemsOf(exchange, capture) {
  if (exchange.side === "sse") return eventsOf(exchange, capture).map(({ data, at }) => ({ data, at }));
  return messagesOf(exchange.got).map((frame) => ({ data: valueOf(frame, "websocket.payload") ?? "", at: frame.time - capture.clockOffset }));
}

/**
 * How many bytes of one direction frames take up, from the first to the last.
 * In HTTP/2 the frames of other streams may lie in between.
 * @param {Frame[]} frames
 */
export function bytesOf(frames) {
  if (frames.length === 0) return 0;
  if (frames[0].stream) return sum(frames.filter((frame) => frame.protocol === "http2").map((frame) => frame.length));
  const first = Math.min(...frames.map((frame) => frame.offset));
  const last = Math.max(...frames.map((frame) => frame.offset + frame.length));
  return last - first;
}

/**
 * The chunks, or the DATA frames, that bring a stream's events: those without a
 * comment in them.
 * @param {Frame[]} frames
 */
export function chunksOf(frames) {
  const comments = frames.filter(({ protocol, kind }) => protocol === "sse" && kind === "comment");
  const isIn = (/** @type {Frame} */ { connection, offset }, /** @type {Frame} */ chunk) =>
    connection === chunk.connection && chunk.offset <= offset && offset < chunk.offset + chunk.length;
  return frames.filter((frame) => (frame.kind === "chunk" || frame.kind === "data") && !comments.some((comment) => isIn(comment, frame)));
}

/**
 * How many bytes of content a request carries, where it says its length.
 * @param {Frame[]} frames
 */
export function contentOf(frames) {
  return sum(
    frames.map(({ kind, length, fields }) => {
      if (kind === "body") return length;
      return fields.find((field) => field.name === "http2.data.data")?.length ?? 0;
    }),
  );
}

/** @param {number[]} numbers */
function sum(numbers) {
  return numbers.reduce((sum, number) => sum + number, 0);
}

/**
 * The exchanges of a connection: its frames by the number that they carry.
 * @param {Connection} connection
 * @param {Capture} capture
 */
function exchangesOf({ number, protocol, ends }, { frames, clockOffset }) {
  /** @type {Map<number, Exchange>} */
  const list = new Map();
  for (const frame of frames) {
    if (frame.connection !== number || !frame.exchange) continue;
    if (frame.kind === "request") list.set(frame.exchange, begun(frame, clockOffset));
    const exchange = list.get(frame.exchange);
    if (!exchange) continue; // its request was not seen, or is another run's
    (frame.from === "client" ? exchange.sent : exchange.got).push(frame);
    if (frame.kind === "response") {
      exchange.status = Number(valueOf(frame, "http.response.code"));
      exchange.contentType = valueOf(frame, "http.content_type") ?? "";
      exchange.answered = frame.time - clockOffset;
    }
  }

  const all = [...list.values()];
  for (const exchange of all) {
    const steps = [...exchange.sent, ...exchange.got].filter(isEnd).map(({ from, time, ends }) => ({ from, time, how: ends ?? "" }));
    // The end of the connection ends the last exchange of HTTP/1.1, and all of HTTP/2.
    if (exchange === all.at(-1) || protocol === "h2") steps.push(...ends);
    exchange.end = endOf(steps, clockOffset);
  }
  return all;
}

/**
 * Whether a frame ends its exchange: a request that is complete does not.
 * @param {Frame} frame
 */
function isEnd({ from, ends }) {
  return ends !== undefined && !(ends === "complete" && from === "client");
}

/**
 * The first step of an end decides who ended it; what follows is tidying up.
 * @param {{from: "client"|"server", time: number, how: string}[]} steps
 * @param {number} clockOffset
 * @returns {End|undefined}
 */
function endOf(steps, clockOffset) {
  const [first, ...rest] = steps.toSorted((a, b) => a.time - b.time);
  if (!first) return undefined;
  const other = rest.find((step) => step.from !== first.from);
  return { at: first.time - clockOffset, by: first.from, how: first.how, ...(other && { other: other.time - clockOffset }) };
}

/**
 * @param {Frame} request
 * @param {number} clockOffset
 * @returns {Exchange}
 */
function begun(request, clockOffset) {
  return {
    side: sideOf(request),
    method: valueOf(request, "http.request.method") ?? "",
    address: new URL(valueOf(request, "http.request.uri") ?? "/", "http://server"),
    agent: valueOf(request, "http.user_agent") ?? "",
    lastEventId: valueOf(request, "http.last_event_id") ?? "",
    at: request.time - clockOffset,
    sent: [],
    status: 0,
    contentType: "",
    answered: NaN,
    got: [],
  };
}
