// @ts-check
// What a run of agents shows: which way the server's question came and which way
// the answer went, what was lost with a connection, and whether the client got it
// later.

import { valueOf } from "../../../static/js/lib/capture.js";
import { arrivalsOf } from "../../../static/js/lib/evidence.js";
import { bytesOf, exchanges, isSocket, isStream, messagesOf } from "../../../static/js/lib/exchanges.js";
import { inOrder, latest } from "../../../static/js/lib/finding.js";
import { isResponses, ofResponses } from "./responses-findings.js";

/**
 * @typedef {import("../../../static/js/lib/evidence.js").Arrival} Arrival
 * @typedef {import("../../../static/js/lib/exchanges.js").Exchange} Exchange
 * @typedef {import("../../../static/js/lib/finding.js").Finding} Finding
 * @typedef {import("../../../static/js/lib/finding.js").Run} Run
 *
 * @typedef {Arrival & {said: any}} Said a message of the server
 */

/**
 * @param {Run} run
 * @returns {Finding[]}
 */
export function findings(run) {
  const asked = exchanges(run.capture).filter(({ method }) => method !== "OPTIONS");
  const all = asked.filter((exchange) => !isResponses(exchange));
  const talk = [...ofRequests(all.filter(({ side }) => side === "sse"), run), ...ofSocket(all.filter(isSocket), run)];
  return inOrder([...talk, ...ofResponses(asked.filter(isResponses), run)]);
}

/**
 * The event stream's side: a request for each message up, and streams down.
 * @param {Exchange[]} all
 * @param {Run} run
 * @returns {Finding[]}
 */
function ofRequests(all, run) {
  /** @type {Finding[]} */
  const list = [];
  const heard = saidBy(all.filter(isStream), run);
  const question = heard.find(({ said }) => said.method === "elicitation/create");
  if (question) {
    const id = idOf(question);
    const inPost = id ? "finding.agents.question_post" : "finding.agents.question_post_no_id";
    const word = question.exchange.method === "POST" ? inPost : "finding.agents.question_get";
    list.push({ side: "sse", kind: "note", from: question.at, word, args: { id }, decides: true });
    const answer = all.find(({ method, status, at }) => method === "POST" && status === 202 && at > question.at);
    if (answer) list.push({ side: "sse", kind: "note", from: answer.at, word: "finding.agents.answer_post", args: { bytes: bytesOf(answer.sent) } });
  }
  const unasked = heard.find(({ said, exchange }) => said.method === "notifications/message" && exchange.method === "GET");
  if (unasked) list.push({ side: "sse", kind: "note", from: unasked.at, word: "finding.agents.unasked_get", args: {} });

  const call = all.find((exchange) => isStream(exchange) && exchange.method === "POST");
  const lost = call?.end && call.end.by === "server" && !heard.some(({ exchange, said }) => exchange === call && "result" in said) ? call.end : undefined;
  if (call && lost) {
    const last = arrivalsOf([call], run.capture).at(-1);
    const id = last ? idOf(last) : "";
    const named = lost.how === "complete" ? "finding.agents.ended" : "finding.agents.reset";
    const unnamed = lost.how === "complete" ? "finding.agents.ended_no_id" : "finding.agents.reset_no_id";
    list.push({ side: "sse", kind: "cut", from: lost.at, word: id ? named : unnamed, args: { id } });
    list.push(...ofReturn(all.filter(({ method, at }) => method === "GET" && at > lost.at), lost.at, run));
  }
  list.push(...ofCalls("sse", run));

  const hasResult = heard.some(({ said }) => said.result?.content);
  const end = all.find(({ method, status }) => method === "DELETE" && status === 204);
  if (end) {
    const connections = new Set(all.map(({ sent }) => sent[0].connection)).size;
    list.push({ side: "sse", kind: hasResult ? "good" : "note", from: end.at, word: "finding.agents.deleted", args: { requests: all.length, connections } });
  }
  return list;
}

/**
 * The WebSocket's side.
 * @param {Exchange[]} sockets
 * @param {Run} run
 * @returns {Finding[]}
 */
function ofSocket(sockets, run) {
  /** @type {Finding[]} */
  const list = [];
  const { clockOffset } = run.capture;
  const heard = saidBy(sockets, run);
  const question = heard.find(({ said }) => said.method === "elicitation/create");
  if (question) {
    list.push({ side: "ws", kind: "note", from: question.at, word: "finding.agents.question_socket", args: { bytes: question.frame.length } });
    const answer = messagesOf(question.exchange.sent).find((frame) => frame.time - clockOffset > question.at);
    if (answer) list.push({ side: "ws", kind: "note", from: answer.time - clockOffset, word: "finding.agents.answer_socket", args: { bytes: answer.length } });
  }
  const unasked = heard.find(({ said }) => said.method === "notifications/message");
  if (unasked) list.push({ side: "ws", kind: "note", from: unasked.at, word: "finding.agents.unasked_socket", args: {} });

  const [first, next] = sockets;
  const hasResult = heard.some(({ said }) => said.result?.content);
  if (first?.end?.by === "server" && (next || !hasResult)) {
    const frame = first.got.find(({ kind }) => kind === "close");
    const code = Number((frame && valueOf(frame, "websocket.payload.close.status_code")) ?? 1006);
    list.push({ side: "ws", kind: "cut", from: first.end.at, word: "finding.agents.socket_lost", args: { code } });
    const { searchParams } = next?.address ?? {};
    if (next && searchParams?.has("session")) list.push({ side: "ws", kind: "good", from: next.at, word: "finding.agents.socket_resumed", args: { after: searchParams.get("after") ?? "0" } });
    else if (next) list.push({ side: "ws", kind: "note", from: next.at, word: "finding.agents.socket_anew", args: {} });
    else list.push(...ofNobody("ws", first.end.at, run));
  }
  list.push(...ofCalls("ws", run));

  if (first && hasResult && !next && first.end?.by === "client") {
    const messages = messagesOf(first.sent).length + messagesOf(first.got).length;
    list.push({ side: "ws", kind: "good", from: first.end.at, word: "finding.agents.one_socket", args: { messages } });
  }
  return list;
}

/**
 * How a client came back for the rest of a stream.
 * @param {Exchange[]} gets that it has sent since
 * @param {number} from
 * @param {Run} run
 * @returns {Finding[]}
 */
function ofReturn(gets, from, run) {
  const back = gets.find(({ lastEventId }) => lastEventId !== "") ?? gets[0];
  if (!back) return ofNobody("sse", from, run);
  const moment = { side: /** @type {const} */ ("sse"), from: back.at };
  if (back.status >= 400) return [{ ...moment, kind: "cut", word: "finding.agents.return_refused", args: { status: back.status } }];
  if (back.lastEventId === "") return [{ ...moment, kind: "note", word: "finding.agents.return_unnamed", args: {} }];
  return [{ ...moment, kind: "good", word: "finding.agents.resumed", args: { id: back.lastEventId } }];
}

/**
 * A connection was lost, and the client does not come back. The tool goes on.
 * @param {"sse"|"ws"} side
 * @param {number} from
 * @param {Run} run
 * @returns {Finding[]}
 */
function ofNobody(side, from, run) {
  const booked = run.capture.log.find((line) => line.side === side && line.event === "seat-booked");
  const at = booked && booked.time - run.capture.clockOffset;
  const to = Math.max(from, at ?? latest(run));
  /** @type {Finding[]} */
  const list = [{ side, kind: "gap", from, to, word: "finding.agents.nobody", args: {} }];
  if (at !== undefined && at > from) list.push({ side, kind: "note", from: at, word: "finding.agents.went_on", args: {} });
  return list;
}

/**
 * A tool that was called again has run again.
 * @param {"sse"|"ws"} side
 * @param {Run} run
 * @returns {Finding[]}
 */
function ofCalls(side, { capture }) {
  const starts = capture.log.filter((line) => line.side === side && line.event === "tool-started");
  return starts.slice(1).map(({ time }, i) => ({ side, kind: "cut", from: time - capture.clockOffset, word: "finding.agents.twice", args: { runs: i + 2 } }));
}

/**
 * The messages that exchanges have brought down.
 * @param {Exchange[]} list
 * @param {Run} run
 * @returns {Said[]}
 */
function saidBy(list, { capture }) {
  return arrivalsOf(list, capture).flatMap((arrival) => {
    try {
      return [{ ...arrival, said: JSON.parse(arrival.data) }];
    } catch {
      return []; // an event with an ID and no data
    }
  });
}

/** @param {Arrival} arrival @returns {string} */
function idOf({ frame }) {
  return frame.sse.event.lastEventId;
}
