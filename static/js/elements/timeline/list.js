// @ts-check
// What a timeline shows as a list of sentences, for readers who can't see the
// picture. It is loaded when somebody opens it.

import { markText, seconds } from "./sentences.js";
import { element } from "../../lib/dom.js";
import { word } from "../../lib/words.js";

/**
 * @typedef {import('../../lib/capture.js').Side} Side
 * @typedef {import('./facts.js').Facts} Facts
 * @typedef {import('./facts.js').Point} Point
 * @typedef {import('./facts.js').Stop} Stop
 * @typedef {import('./timeline.js').State} State
 */

/** How many lines of its beginning a list has at least, and of its end. */
const BEGINNING = 150;

/**
 * @param {Facts} facts @param {State} state
 * @param {(point: Point) => string} sayPoint
 * @param {(stop: Stop, time: number) => string} sayStop  with the ms since the start
 */
export function itemsOf(facts, state, sayPoint, sayStop) {
  /** @type {{time: number, side: Side, text: string}[]} */
  const lines = [];
  let left = 0;
  for (const side of /** @type {Side[]} */ (["sse", "ws"])) {
    const { marks, stops: inFront } = facts[side];
    const behind = facts.behind[side];
    const points = [...behind.points, ...facts[side].points].sort((a, b) => a.time - b.time);
    const stops = [...behind.stops, ...inFront];
    const from = (/** @type {number} */ time) => time - state.capture.clockOffset - state.started;
    const ends = endsOf(points);
    left += points.length - ends.length;
    for (const point of ends) lines.push({ time: from(point.time), side, text: sayPoint(point) });
    for (const stop of stops) lines.push({ time: from(stop.time), side, text: sayStop(stop, from(stop.time)) });
    for (const { kind, time, report } of marks) {
      lines.push({
        time: time - state.started,
        side,
        text: `${seconds(time - state.started)} · ${markText(kind, report)}`,
      });
    }
    for (const finding of state.findings.filter((finding) => finding.side === side)) {
      const time = finding.from - state.started;
      lines.push({ time, side, text: `${seconds(time)} · ${word(finding.word, finding.args)}` });
    }
  }
  lines.sort((a, b) => a.time - b.time);
  const ends = endsOf(lines);
  left += lines.length - ends.length;
  const items = ends.map(({ side, text }) => element("li", "", `${side === "ws" ? "WebSocket" : "SSE"} · ${text}`));
  if (left > 0) {
    items[BEGINNING].setAttribute("value", String(BEGINNING + left + 1));
    items.splice(BEGINNING, 0, element("li", "timeline-left", word("timeline.left", { count: left })));
  }
  return items;
}

/**
 * The beginning and the end of a list that is too long to be drawn while a run goes on.
 * @template T
 * @param {T[]} list
 */
function endsOf(list) {
  return list.length > 2 * BEGINNING ? [...list.slice(0, BEGINNING), ...list.slice(-BEGINNING)] : list;
}
