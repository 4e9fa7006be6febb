// @ts-check
// What a run of oneway shows: the bytes that a message takes on its way up and
// on its way down, on each side.

import { bytesOf, chunksOf, contentOf, exchanges, isSocket, isStream, messagesOf } from "../../../static/js/lib/exchanges.js";
import { inOrder } from "../../../static/js/lib/finding.js";

/**
 * @typedef {import("../../../static/js/lib/exchanges.js").Exchange} Exchange
 * @typedef {import("../../../static/js/lib/exchanges.js").Frame} Frame
 * @typedef {import("../../../static/js/lib/finding.js").Finding} Finding
 * @typedef {import("../../../static/js/lib/finding.js").Run} Run
 */

/**
 * @param {Run} run
 * @returns {Finding[]}
 */
export function findings(run) {
  const all = exchanges(run.capture);
  const posts = all.filter(({ method, status }) => method === "POST" && status === 204);
  const streams = all.filter(isStream);
  const sockets = all.filter(isSocket);
  return inOrder([
    ...upByPost(posts, run),
    ...downByStream(streams, run),
    ...upBySocket(sockets, run),
    ...downBySocket(sockets, run),
  ]);
}

/**
 * Up on the event stream's side: a request for each message, and an answer to it.
 * @param {Exchange[]} posts
 * @param {Run} run
 * @returns {Finding[]}
 */
function upByPost(posts, run) {
  if (posts.length === 0) return [];
  const request = average(posts.map(({ sent }) => bytesOf(sent)));
  const answer = average(posts.map(({ got }) => bytesOf(got)));
  const body = average(posts.map(({ sent }) => contentOf(sent)));
  const args = { bytes: request, message: size(run, body), answer, head: request - body };
  return [{ side: "sse", kind: "note", from: posts[0].at, word: "finding.oneway.up_post", args, decides: true }];
}

/**
 * Down on the event stream: what is left after the head is chunks, or DATA frames.
 * @param {Exchange[]} streams
 * @param {Run} run
 * @returns {Finding[]}
 */
function downByStream(streams, run) {
  const got = streams.flatMap((stream) => stream.got);
  const events = got.filter((frame) => frame.sse?.event);
  if (events.length === 0) return [];
  const bytes = Math.round(chunksOf(got).reduce((sum, { length }) => sum + length, 0) / events.length);
  const data = average(events.map((frame) => new TextEncoder().encode(frame.sse.event.data).length));
  const from = events[0].time - run.capture.clockOffset;
  return [{ side: "sse", kind: "note", from, word: "finding.oneway.down_stream", args: { bytes, message: size(run, data) } }];
}

/**
 * @param {Exchange[]} sockets
 * @param {Run} run
 * @returns {Finding[]}
 */
function upBySocket(sockets, run) {
  return ofFrames("finding.oneway.up_socket", sockets.flatMap(({ sent }) => messagesOf(sent)), run);
}

/**
 * @param {Exchange[]} sockets
 * @param {Run} run
 * @returns {Finding[]}
 */
function downBySocket(sockets, run) {
  return ofFrames("finding.oneway.down_socket", sockets.flatMap(({ got }) => messagesOf(got)), run);
}

/**
 * @param {Finding["word"]} word
 * @param {Frame[]} frames
 * @param {Run} run
 * @returns {Finding[]}
 */
function ofFrames(word, frames, run) {
  if (frames.length === 0) return [];
  const payloads = frames.map(({ fields }) => fields.find((field) => field.name === "websocket.payload")?.length ?? 0);
  const args = { bytes: average(frames.map(({ length }) => length)), message: size(run, average(payloads)) };
  return [{ side: "ws", kind: "note", from: frames[0].time - run.capture.clockOffset, word, args }];
}

/**
 * The size of what was meant to travel: a picture is what it is before anybody
 * writes it as text.
 * @param {Run} run
 * @param {number} sent
 */
function size({ controls }, sent) {
  return controls.payload === "picture" ? controls.size : sent;
}

/** @param {number[]} numbers */
function average(numbers) {
  return Math.round(numbers.reduce((sum, number) => sum + number, 0) / numbers.length);
}
