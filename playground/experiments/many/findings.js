// @ts-check
// What a run of many shows: what a restart does to everybody at once, how full
// it gets when they come back, and what became of the visitor's own connection.

import { exchanges, isSocket, isStream, itemsOf } from "../../../static/js/lib/exchanges.js";
import { inOrder, latest } from "../../../static/js/lib/finding.js";
import { sampled, spanOf, waveOf } from "./wave.js";

/**
 * @typedef {import("../../../static/js/lib/exchanges.js").Exchange} Exchange
 * @typedef {import("../../../static/js/lib/finding.js").Finding} Finding
 * @typedef {import("../../../static/js/lib/finding.js").Run} Run
 */

/**
 * @param {Run} run
 * @returns {Finding[]}
 */
export function findings(run) {
  return inOrder(/** @type {const} */ (["sse", "ws"]).flatMap((side) => [...ofWave(side, run), ...ofOwn(side, run)]));
}

/**
 * @param {"sse"|"ws"} side
 * @param {Run} run
 * @returns {Finding[]}
 */
function ofWave(side, run) {
  const wave = waveOf(run.reports, side);
  const { restart, began, clients, attempts, peak, back, samples } = wave;
  if (restart === undefined) return [];
  const last = samples[samples.length - 1];

  /** @type {(kind: Finding["kind"], at: number, word: Finding["word"], args: Record<string, unknown>, to?: number) => Finding} */
  const found = (kind, at, word, args, to) => ({
    side,
    kind,
    from: began + at,
    ...(to !== undefined && { to: began + to }),
    word,
    args,
  });

  const drains = run.controls.restart === "drain";
  const list = [drains ? found("note", restart, "finding.many.drain", { clients }) : found("cut", restart, "finding.many.crash", { clients })];
  if (peak) {
    const { refused, at } = peak;
    const ms = spanOf(samples, peak);
    const word = refused > 0 ? "finding.many.peak" : "finding.many.peak_taken";
    list.push(found("note", at - ms, word, { attempts: peak.attempts, refused, ms }));
  }
  const holes = samples.find(({ lost }) => lost > 0);
  if (holes) list.push(found("cut", holes.at, "finding.many.lost", { messages: last.lost }));
  const losses = samples.find(({ gone }) => gone > 0);
  if (losses) list.push(found("cut", losses.at, "finding.many.gone", { clients: last.gone }));
  if (back) {
    const args = { seconds: ((back.at - restart) / 1000).toFixed(1), attempts, clients: clients - last.gone };
    list.push(found(last.gone > 0 ? "note" : "good", back.at, last.gone > 0 ? "finding.many.back_rest" : "finding.many.back", args));
  } else if (last.at - restart > 1000) {
    const out = clients - last.connected - last.gone;
    if (out > 0) list.push(found("gap", last.at, "finding.many.out", { clients: out, seconds: ((last.at - restart) / 1000).toFixed(1) }));
  }
  return list;
}

/**
 * The visitor's own connection: how long it was away, and what it had missed.
 * @param {"sse"|"ws"} side
 * @param {Run} run
 * @returns {Finding[]}
 */
function ofOwn(side, run) {
  if (run.controls.crowd === "own") return [];
  /** @type {Finding[]} */
  const list = [];
  const all = exchanges(run.capture).filter((exchange) => exchange.side === side);
  const isOpen = (/** @type {Exchange} */ exchange) => isStream(exchange) || isSocket(exchange);
  all.forEach((exchange, i) => {
    if (!isOpen(exchange) || !exchange.end || exchange.end.by === "client") return;
    const rest = all.slice(i + 1);
    const next = rest.findIndex(isOpen);
    const final = rest.find(({ status }) => status > 0);
    if (next >= 0) {
      const args = { ms: Math.round(rest[next].answered - exchange.end.at), attempts: next + 1 };
      const word = next > 0 ? "finding.many.away_refused" : "finding.many.away";
      // The first answer that turned it away, or else the one that took it back.
      const seen = rest[0].answered || rest[next].answered;
      list.push({ side, kind: "gap", from: exchange.end.at, to: rest[next].answered, word, args, seen, decides: side === "sse" });
      list.push(replay(side, rest[next], run));
    } else if (final?.status === 503) {
      list.push({ side, kind: "gap", from: final.answered, to: latest(run), word: "finding.many.own_503", args: {} });
    }
  });
  return list.filter((finding) => finding.args.messages !== 0);
}

/**
 * What came at once, because it was published while the visitor was away.
 * @param {"sse"|"ws"} side
 * @param {Exchange} exchange
 * @param {Run} run
 * @returns {Finding}
 */
function replay(side, exchange, run) {
  const times = itemsOf(exchange, run.capture).map(({ at }) => at);
  // Those that follow come 200 ms apart.
  const pause = times.findIndex((at, i) => i > 0 && at - times[i - 1] > sampled / 2);
  const messages = pause < 0 ? times.length : pause;
  const from = side === "sse" ? exchange.lastEventId : (exchange.address.searchParams.get("from") ?? "");
  const word = side === "sse" ? "finding.many.replay" : "finding.many.replay_from";
  return { side, kind: "good", from: exchange.answered, word, args: { id: from, messages: from === "" ? 0 : messages } };
}
