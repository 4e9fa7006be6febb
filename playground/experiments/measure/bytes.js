// @ts-check
// What a message weighs each way.

import { valueOf } from "../../../static/js/lib/capture.js";
import { bytesAsked, pollsIn } from "./polls.js";
import { bytesOf, chunksOf, exchanges, isSocket, isStream, messagesOf } from "../../../static/js/lib/exchanges.js";

/** @typedef {import("../../../static/js/lib/exchanges.js").Frame} Frame */

/**
 * Bytes on the wire for one message, on average; absent where there was none. Where
 * messages have to be asked for, asked is what the requests for one take.
 * @typedef {{push?: number, asked?: number, question?: number, answer?: number, text: {push?: number, question?: number, answer?: number}}} Bytes
 */

/**
 * What one message took on the wire, by the way that it came.
 * @param {import("../../../static/js/lib/capture.js").Capture} capture
 * @param {Record<string, any>} controls
 * @returns {Record<import("./samples.js").Way, Bytes>}
 */
export function bytesPerMessage(capture, controls) {
  const all = exchanges(capture);
  const posts = all.filter(({ side, method, status }) => side === "sse" && method === "POST" && status === 200);
  const got = all.filter(isStream).flatMap((stream) => stream.got);
  const events = got.filter((frame) => frame.sse?.event);
  const sockets = all.filter(isSocket);
  const up = messagesOf(sockets.flatMap(({ sent }) => sent));
  const down = messagesOf(sockets.flatMap((socket) => socket.got));
  // An answer is as long as its question and a time; what is pushed is as long.
  const payload = (/** @type {Frame} */ frame) => frame.fields.find(({ name }) => name === "websocket.payload")?.length ?? 0;
  return {
    sse: {
      push: chunksOf(got).reduce((sum, { length }) => sum + length, 0) / events.length || undefined,
      question: average(posts.map(({ sent }) => bytesOf(sent))),
      answer: average(posts.map((post) => bytesOf(post.got))),
      text: {
        push: average(events.map((frame) => new TextEncoder().encode(frame.sse.event.data).length)),
        question: average(posts.map(({ sent }) => Number(valueOf(sent[0], "http.content_length") ?? NaN))),
        answer: average(posts.map((post) => Number(valueOf(post.got[0], "http.content_length") ?? NaN))),
      },
    },
    longpoll: bytesAsked(pollsIn(all, "longpoll"), controls),
    poll: bytesAsked(pollsIn(all, "poll"), controls),
    ws: {
      push: average(down.map(({ length }) => length)),
      question: average(up.map(({ length }) => length)),
      answer: average(down.map(({ length }) => length)),
      text: { push: average(down.map(payload)), question: average(up.map(payload)), answer: average(down.map(payload)) },
    },
  };
}

/** @param {number[]} numbers @returns {number | undefined} */
function average(numbers) {
  const known = numbers.filter((number) => !Number.isNaN(number));
  return known.reduce((sum, number) => sum + number, 0) / known.length || undefined;
}
