// @ts-check
// When the pieces of an answer came: a lane a part. That nothing came for a while is
// drawn as what it is: nothing on the wire.

import { element, svg } from "../../lib/dom.js";
import { word } from "../../lib/words.js";

/** @typedef {import("./panel.js").Answer} Answer */

/** Lanes that are drawn: of more parts the first ones. */
const MOST_LANES = 8;
/** A gap is drawn from this share of all the time on. */
const WIDE_GAP = 0.08;
const STEPS = [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600];

/**
 * Fires "choose" on what it is put into, with the numbers of a part and of its piece.
 * @param {Answer} answer @param {(part: {kind: string, index: number}) => string} nameOf
 * @returns {Element[]} nothing where no byte has a time
 */
export function rhythm({ timing, parts, open, ended }, nameOf) {
  const lanes = parts.slice(0, MOST_LANES);
  if (!timing || lanes.length === 0) return [];
  const asked = Date.parse(timing.asked);
  const width = Math.max(timing.last, 1) * 1.02;
  const share = (/** @type {number} */ ms) => `${((100 * ms) / width).toFixed(2)}%`;

  const rows = lanes.flatMap((part, i) => {
    const times = part.pieces.map(({ at }) => Date.parse(at) - asked);
    const lane = lineOf(times, width);
    lane.addEventListener("click", (event) => {
      const { left, width: wide } = lane.getBoundingClientRect();
      const at = ((/** @type {MouseEvent} */ (event).clientX - left) / wide) * width;
      const piece = nearest(times, at);
      if (piece >= 0) lane.dispatchEvent(new CustomEvent("choose", { bubbles: true, detail: { part: i, piece } }));
    });
    const name = element("span", "answer-lane-name", nameOf(part));
    for (const made of [name, lane]) made.style.gridRow = `${i + 2}`; // the first has labels alone
    return [name, lane];
  });

  const over = element("div", "answer-over");
  over.style.gridRow = `1 / span ${lanes.length + 1}`;
  const add = (/** @type {string} */ name, /** @type {string} */ text, /** @type {number} */ from, /** @type {number} */ to = from) => {
    const mark = element("div", name);
    mark.style.left = share(from);
    if (to > from) mark.style.width = share(to - from);
    mark.toggleAttribute("data-late", from > width / 2);
    mark.append(element("span", "", text));
    over.append(mark);
  };
  if (timing.first > 0) add("answer-wait", time(timing.first), 0, timing.first);
  if (timing.gap > WIDE_GAP * width) add("answer-gap", word("answer.nothing", { time: time(timing.gap) }), timing.gapFrom, timing.gapFrom + timing.gap);
  if (!open) add(ended ? "answer-end" : "answer-end answer-bad", time(timing.last), timing.last);

  const axis = element("div", "answer-axis");
  const step = STEPS.find((step) => (1000 * step) / width > 0.18) ?? width / 5000;
  for (let s = 0; 1000 * s < width; s += step) {
    const tick = element("span", "", s === 0 ? "0" : word("answer.s", { s: Number(s.toFixed(2)) }));
    tick.style.left = share(1000 * s);
    axis.append(tick);
  }
  const all = [over, ...rows, axis];
  for (const made of all) made.setAttribute("aria-hidden", "true"); // the numbers above say it
  return all;
}

/** One path for all: an answer may have thousands of pieces. @param {number[]} times @param {number} width */
function lineOf(times, width) {
  const lane = svg("svg", { class: "answer-lane", viewBox: "0 0 1000 10", preserveAspectRatio: "none" });
  lane.append(svg("path", { d: times.map((at) => `M${((1000 * at) / width).toFixed(1)} 0v10`).join("") }));
  return lane;
}

/** A length of time, in ms. @param {number} ms */
export function time(ms) {
  return ms < 1000 ? word("answer.ms", { ms: Math.round(ms) }) : word("answer.s", { s: (ms / 1000).toFixed(2) });
}

/** Which is nearest to a time; negative for none. @param {number[]} times @param {number} at */
export function nearest(times, at) {
  let found = -1;
  for (const [i, one] of times.entries()) if (found < 0 || Math.abs(one - at) < Math.abs(times[found] - at)) found = i;
  return found;
}
