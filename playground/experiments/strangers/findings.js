// @ts-check
// What a run of strangers shows: whose page asked and with whose cookie, what
// the browser let it read, and what became of a note on its way.

import { bytesOf, contentOf, eventsOf, exchanges, isStream, messagesOf } from "../../../static/js/lib/exchanges.js";
import { inOrder } from "../../../static/js/lib/finding.js";
import { valueOf } from "../../../static/js/lib/capture.js";

/**
 * @typedef {import("../../../static/js/lib/exchanges.js").Exchange} Exchange
 * @typedef {import("../../../static/js/lib/exchanges.js").Frame} Frame
 * @typedef {import("../../../static/js/lib/finding.js").Finding} Finding
 * @typedef {import("../../../static/js/lib/finding.js").Run} Run
 * @typedef {{type: string, data: string, at: number, lastEventId?: string}} Message
 */

/** What the server says last on either side: what is between it and the greeting is the note. */
const goodbye = "That was all.";

/**
 * @param {Run} run
 * @returns {Finding[]}
 */
export function findings(run) {
  const all = exchanges(run.capture);
  const to = (/** @type {string} */ name) => all.filter(({ address }) => address.pathname.endsWith(name));
  return inOrder([
    ...to("/visit").flatMap(ofVisit),
    ...to("/sse").filter(isStream).flatMap((stream) => ofStream(stream, run)),
    ...to("/send").flatMap((post) => ofReply(post, run)),
    ...to("/ws").flatMap((socket) => ofSocket(socket, run)),
  ]);
}

/** @param {Exchange} visit @returns {Finding[]} */
function ofVisit({ status, answered, got }) {
  const cookie = got[0] && valueOf(got[0], "http.set_cookie");
  if (status !== 204 || !cookie) return [];
  const args = { cookie: cookie.replace(/;.*/, ""), site: /SameSite=\w+/.exec(cookie)?.[0] ?? "" };
  return [{ side: "sse", kind: "note", from: answered, word: "finding.strangers.signed_in", args }];
}

/**
 * @param {Exchange} stream
 * @param {Run} run
 * @returns {Finding[]}
 */
function ofStream(stream, run) {
  const events = eventsOf(stream, run.capture);
  if (events.length === 0) return [];
  const [greeting] = events;
  const args = { origin: originOf(stream), text: greeting.data };
  const isRead = run.reports.some(({ side, kind }) => side === "sse" && (kind === "message" || kind === "read"));
  if (!isRead) {
    // Until the browser has said so, it may still be on its way, or was when the run was stopped.
    if (!run.reports.some(({ side, kind }) => side === "sse" && kind === "error")) return [];
    return [{ side: "sse", kind: "good", from: greeting.at, word: keptWord(stream), args }];
  }
  return [
    ofGreeting("sse", greeting.at, "read", args, run),
    ...ofNote(events, run),
    ...ofForgedState(stream, events, run),
  ];
}

/**
 * @param {Exchange} socket
 * @param {Run} run
 * @returns {Finding[]}
 */
function ofSocket(socket, run) {
  const args = { origin: originOf(socket) };
  if (socket.status === 403) {
    const kind = isOwn(run) ? "note" : "good";
    return [{ side: "ws", kind, from: socket.answered, word: "finding.strangers.refused", args, ...atOrigin(socket) }];
  }
  const messages = messagesOf(socket.got).map((frame) => messageIn(frame, run));
  if (socket.status !== 101 || messages.length === 0) return [];

  /** @type {Finding[]} */
  const list = [{ ...ofGreeting("ws", messages[0].at, "hijacked", { ...args, text: messages[0].data }, run), ...atOrigin(socket) }];
  const end = messages.findIndex(({ data }) => data === goodbye);
  list.push(...ofMessage(messages.slice(1, end < 0 ? 2 : end), run));
  const close = socket.got.find((frame) => frame.kind === "close" && valueOf(frame, "websocket.payload.close.status_code") === "1009");
  if (close) {
    const args = { bytes: run.controls.size };
    list.push({ side: "ws", kind: "good", from: close.time - run.capture.clockOffset, word: "finding.strangers.closed_1009", args });
  }
  return list;
}

/** What decides is in the request. @param {Exchange} exchange */
function atOrigin({ at }) {
  return { seen: at, field: "http.origin", decides: true };
}

/**
 * Who is told what is the visitor's alone.
 * @param {"sse"|"ws"} side
 * @param {number} from
 * @param {"read"|"hijacked"} how
 * @param {{origin: string, text: string}} args
 * @param {Run} run
 * @returns {Finding}
 */
function ofGreeting(side, from, how, args, run) {
  if (!args.text.includes("balance")) return { side, kind: "note", from, word: "finding.strangers.nobody", args };
  if (isOwn(run)) return { side, kind: "good", from, word: "finding.strangers.own", args };
  return { side, kind: "cut", from, word: how === "read" ? "finding.strangers.read" : "finding.strangers.hijacked", args };
}

/**
 * What the events between the first and the last are, of one note.
 * @param {Message[]} events
 * @param {Run} run
 * @returns {Finding[]}
 */
function ofNote(events, { controls }) {
  const end = events.findIndex(({ data }) => data === goodbye);
  if (end < 0) return [];
  const parts = events.slice(1, end);
  const from = (parts[0] ?? events[end]).at;
  const forged = parts.find(({ type }) => type !== "message");
  const place = { side: /** @type {const} */ ("sse"), from };
  if (forged) {
    return [{ ...place, kind: "cut", from: forged.at, word: "finding.strangers.forged", args: { type: forged.type, text: forged.data } }];
  }
  if (parts.length !== 1) return [{ ...place, kind: "cut", word: "finding.strangers.split", args: { events: parts.length } }];
  const lines = String(controls.note).split("\n");
  const [{ data }] = parts;
  if (data === controls.note) {
    return lines.length > 1 ? [{ ...place, kind: "good", word: "finding.strangers.whole", args: { lines: lines.length } }] : [];
  }
  return [{ ...place, kind: "cut", word: "finding.strangers.rest", args: { text: data } }];
}

/**
 * What the note has set in the browser without any event: the last event ID,
 * and the time to wait before it reconnects.
 * @param {Exchange} stream
 * @param {Message[]} events
 * @param {Run} run
 * @returns {Finding[]}
 */
function ofForgedState(stream, events, { capture }) {
  /** @type {Finding[]} */
  const list = [];
  const id = events.find(({ lastEventId }) => lastEventId);
  if (id) list.push({ side: "sse", kind: "cut", from: id.at, word: "finding.strangers.id", args: { id: id.lastEventId } });
  const retry = stream.got.find((frame) => frame.protocol === "sse" && valueOf(frame, "sse.retry"));
  if (retry) {
    const args = { ms: valueOf(retry, "sse.retry") };
    list.push({ side: "sse", kind: "cut", from: retry.time - capture.clockOffset, word: "finding.strangers.retry", args });
  }
  return list;
}

/**
 * What the messages are, of one note.
 * @param {Message[]} messages
 * @param {Run} run
 * @returns {Finding[]}
 */
function ofMessage(messages, { controls }) {
  if (messages.length === 0) return [];
  const [{ type, data, at }] = messages;
  const place = { side: /** @type {const} */ ("ws"), from: at };
  if (type === "") return [{ ...place, kind: "cut", word: "finding.strangers.broken", args: {} }];
  if (type !== "message") return [{ ...place, kind: "cut", word: "finding.strangers.forged", args: { type, text: data } }];
  const lines = data.split(/\r\n|\r|\n/);
  const isWhole = lines.join("\n") === controls.note;
  if (!isWhole || lines.length === 1) return [];
  return [{ ...place, kind: "good", word: "finding.strangers.whole_message", args: { lines: lines.length } }];
}

/**
 * What became of the visitor's reply.
 * @param {Exchange} post
 * @param {Run} run
 * @returns {Finding[]}
 */
function ofReply(post, run) {
  const args = { origin: originOf(post), bytes: contentOf(post.sent) || bytesOf(post.sent), status: post.status };
  const place = { side: /** @type {const} */ ("sse"), from: post.answered, args };
  switch (post.status) {
    case 413:
      return [{ ...place, kind: "good", word: "finding.strangers.too_large" }];
    case 403:
      return [{ ...place, kind: isOwn(run) ? "note" : "good", word: "finding.strangers.post_refused" }];
    case 200:
      return isOwn(run) || !cookieOf(post) ? [] : [{ ...place, kind: "cut", word: "finding.strangers.post_taken" }];
    default:
      return [];
  }
}

/** Why the page may not read: what the answer says of origins. @param {Exchange} exchange */
function keptWord({ got }) {
  const allowed = got[0] && valueOf(got[0], "http.access_control_allow_origin");
  if (allowed === undefined) return "finding.strangers.kept_none";
  return allowed === "*" ? "finding.strangers.kept_star" : "finding.strangers.kept_other";
}

/**
 * A message of the socket; its type is "" where it is not what the server means to send.
 * @param {Frame} frame
 * @param {Run} run
 * @returns {Message}
 */
function messageIn(frame, { capture }) {
  const at = frame.time - capture.clockOffset;
  const payload = valueOf(frame, "websocket.payload") ?? "";
  try {
    const { type, data } = JSON.parse(payload);
    return { type: String(type), data: String(data), at };
  } catch {
    return { type: "", data: payload, at };
  }
}

/** @param {Exchange} exchange */
function originOf({ sent }) {
  return (sent[0] && valueOf(sent[0], "http.origin")) ?? "–";
}

/** @param {Exchange} exchange */
function cookieOf({ sent }) {
  return sent[0] && valueOf(sent[0], "http.cookie");
}

/** @param {Run} run */
function isOwn({ controls }) {
  return controls.origin === "own";
}
