// @ts-check
// What a run of echo shows: what stands before a payload in its frame, who
// answers a ping, how either side says goodbye, and what an event makes of the
// same payload.

import { bytesOf, chunksOf, contentOf, exchanges, isSocket, isStream } from "../../../static/js/lib/exchanges.js";
import { inOrder } from "../../../static/js/lib/finding.js";
import { valueOf } from "../../../static/js/lib/capture.js";

/**
 * @typedef {import("../../../static/js/lib/exchanges.js").Exchange} Exchange
 * @typedef {import("../../../static/js/lib/capture.js").Frame} Frame
 * @typedef {import("../../../static/js/lib/finding.js").Finding} Finding
 * @typedef {import("../../../static/js/lib/finding.js").Run} Run
 */

/** So many messages of one direction are spoken of. */
const MOST = 3;

/** What is said of a message, by its direction and by what it came in. */
const MESSAGE_WORDS = /** @type {const} */ ({
  up: { frame: "finding.echo.up_frame", fragments: "finding.echo.up_fragments", deflated: "finding.echo.up_deflated" },
  down: { frame: "finding.echo.down_frame", fragments: "finding.echo.down_fragments", deflated: "finding.echo.down_deflated" },
});

/**
 * @param {Run} run
 * @returns {Finding[]}
 */
export function findings(run) {
  const all = exchanges(run.capture);
  const posts = all.filter(({ method, status }) => method === "POST" && status > 0);
  const at = (/** @type {Frame} */ frame) => frame.time - run.capture.clockOffset;
  return inOrder([
    ...posts.flatMap(ofRefusal),
    ...all.filter(isStream).flatMap((stream) => ofStream(stream, posts, at)),
    ...all.filter(isSocket).flatMap((socket) => ofSocket(socket, at)),
  ]);
}

/** @param {Exchange} post @returns {Finding[]} */
function ofRefusal({ status, answered }) {
  if (status < 400) return [];
  return [{ side: "sse", kind: "cut", from: answered, word: "finding.echo.refused", args: { status } }];
}

/**
 * @param {Exchange} stream
 * @param {Exchange[]} posts
 * @param {(frame: Frame) => number} at
 * @returns {Finding[]}
 */
function ofStream({ got, end }, posts, at) {
  /** @type {Finding[]} */
  const list = [];
  const comment = got.find((frame) => frame.protocol === "sse" && frame.kind === "comment");
  if (comment && valueOf(comment, "sse.comment")?.trim() === "ping") list.push({ side: "sse", kind: "note", from: at(comment), word: "finding.echo.comment", args: {} });

  const events = got.filter((frame) => frame.sse?.event);
  const taken = posts.filter(({ status }) => status === 204);
  if (events.length > 0 && taken.length === events.length) {
    const chunks = chunksOf(got).filter((frame) => at(frame) >= taken[0].at);
    const payload = sum(taken.map(({ sent }) => contentOf(sent))) / events.length;
    const bytes = Math.round(sum(chunks.map(({ length }) => length)) / events.length);
    const { data } = events[0].sse.event;
    const lines = data.split("\n").length;
    const word = data.length > payload && lines === 1 && payload > 0 ? "finding.echo.base64" : "finding.echo.event";
    list.push({ side: "sse", kind: "note", from: at(events[0]), word, args: { payload, bytes, lines, characters: data.length } });
  }
  if (end?.by === "client") list.push({ side: "sse", kind: "note", from: end.at, word: "finding.echo.gone", args: {} });
  return list;
}

/**
 * @param {Exchange} socket
 * @param {(frame: Frame) => number} at
 * @returns {Finding[]}
 */
function ofSocket(socket, at) {
  const { sent, got } = socket;
  return [
    ofHandshake(socket),
    ...ofMessages(sent, "up", at),
    ...ofMessages(got, "down", at),
    ...ofPing(sent, got, at),
    ...ofViolations([...sent, ...got], at),
    ...ofClose(sent, got, at),
  ];
}

/** @param {Exchange} socket @returns {Finding} */
function ofHandshake({ sent: [request], got: [response], answered }) {
  const offered = valueOf(request, "http.sec_websocket_protocol");
  const chosen = valueOf(response, "http.sec_websocket_protocol");
  if (offered && !chosen) {
    return { side: "ws", kind: "cut", from: answered, word: "finding.echo.unchosen", args: { offered } };
  }
  const args = { up: bytesOf([request]), down: bytesOf([response]) };
  return { side: "ws", kind: "good", from: answered, word: "finding.echo.switched", args };
}

/**
 * @param {Frame[]} frames of one direction
 * @param {"up"|"down"} way
 * @param {(frame: Frame) => number} at
 * @returns {Finding[]}
 */
function ofMessages(frames, way, at) {
  const data = frames.filter(({ kind, incomplete }) => ["text", "binary", "continuation"].includes(kind) && !incomplete);
  /** @type {Frame[][]} */
  const messages = [];
  for (const frame of data) {
    if (frame.kind === "continuation") messages.at(-1)?.push(frame);
    else messages.push([frame]);
  }
  return messages.slice(0, MOST).map((message, i) => {
    const [first] = message;
    const payload = sum(message.map((frame) => frame.length - headerOf(frame)));
    const header = sum(message.map(headerOf));
    const inflated = message.at(-1)?.message?.inflated;
    const args = { payload, header, bits: bitsOf(first), frames: message.length, inflated };
    const shape = inflated !== undefined ? "deflated" : message.length > 1 ? "fragments" : "frame";
    return { side: "ws", kind: "note", from: at(first), word: MESSAGE_WORDS[way][shape], args, decides: way === "up" && i === 0 };
  });
}

/** How many bits the length of a frame takes in its header (RFC 6455 §5.2). @param {Frame} frame */
export function bitsOf(frame) {
  if (valueOf(frame, "websocket.payload_length_ext_64") !== undefined) return 64;
  return valueOf(frame, "websocket.payload_length_ext_16") !== undefined ? 16 : 7;
}

/** How many bytes of a frame are its header. @param {Frame} frame */
function headerOf(frame) {
  const length = { 7: 2, 16: 4, 64: 10 }[bitsOf(frame)] ?? 2;
  return length + (valueOf(frame, "websocket.masking_key") === undefined ? 0 : 4);
}

/**
 * @param {Frame[]} sent
 * @param {Frame[]} got
 * @param {(frame: Frame) => number} at
 * @returns {Finding[]}
 */
function ofPing(sent, got, at) {
  const ping = got.find(({ kind }) => kind === "ping");
  const pong = sent.find(({ kind }) => kind === "pong");
  if (!ping || !pong) return [];
  const ms = Math.max(1, Math.round(at(pong) - at(ping)));
  return [{ side: "ws", kind: "note", from: at(ping), word: "finding.echo.ping", args: { ms } }];
}

/**
 * @param {Frame[]} frames
 * @param {(frame: Frame) => number} at
 * @returns {Finding[]}
 */
function ofViolations(frames, at) {
  // What is wrong with the handshake is said by itself.
  const ofFrames = frames.filter(({ protocol, violations }) => protocol === "websocket" && violations?.length);
  return ofFrames.map((frame) => {
    const section = frame.violations?.[0].section;
    const word = frame.from === "client" ? "finding.echo.against_client" : "finding.echo.against_server";
    return { side: "ws", kind: "cut", from: at(frame), word, args: { section } };
  });
}

/**
 * @param {Frame[]} sent
 * @param {Frame[]} got
 * @param {(frame: Frame) => number} at
 * @returns {Finding[]}
 */
function ofClose(sent, got, at) {
  const closes = [...sent, ...got].filter(({ kind }) => kind === "close").sort((a, b) => a.time - b.time);
  const [first] = closes;
  if (!first) return [];
  const code = valueOf(first, "websocket.payload.close.status_code");
  const frames = closes.length;
  if (code === undefined) return [{ side: "ws", kind: "note", from: at(first), word: "finding.echo.no_code", args: {} }];
  const args = { code, frames };
  if (first.from === "client") return [{ side: "ws", kind: "good", from: at(first), word: "finding.echo.client_closed", args }];
  return [{ side: "ws", kind: "cut", from: at(first), word: "finding.echo.server_closed", args }];
}

/** @param {number[]} numbers */
function sum(numbers) {
  return numbers.reduce((sum, number) => sum + number, 0);
}
