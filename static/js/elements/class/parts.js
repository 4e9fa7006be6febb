// @ts-check
// What the board, the wall and the phone show of a class.

import { element } from "../../lib/dom.js";
import { hasWord, word } from "../../lib/words.js";
import { sayKey } from "./keys.js";
import { ClassRun } from "./timeline.js";
import { browserName } from "./wave.js";

/** So many dots can be told from each other in a row. */
const MOST_DOTS = 120;

/** Draws a part again where what it shows has changed. @type {WeakMap<Element, string>} */
const drawn = new WeakMap();

/**
 * @param {HTMLElement} place
 * @param {unknown} data all that it shows
 * @param {() => (Node | string)[]} make
 * @returns {boolean} whether it was drawn again
 */
export function redraw(place, data, make) {
  const text = JSON.stringify(data);
  if (drawn.get(place) === text) return false;
  drawn.set(place, text);
  place.replaceChildren(...make());
  return true;
}

/** @param {number} ms in the largest unit that is not 0 */
export function ago(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  return seconds < 60 ? word("class.ago.seconds", { n: seconds }) : word("class.ago.minutes", { n: Math.floor(seconds / 60) });
}

/** So many of all, with those who did it and are lost by now. @param {number} n @param {any} state */
export function ofAll(n, { of = 0 }) {
  return { n, of: Math.max(n, of) };
}

/**
 * Who is here, a dot each: a ring on their own, a cross who is lost.
 * @param {any} state
 * @param {boolean} [known] whether it is known
 */
export function presence(state, known = true) {
  const { here = 0, own = 0, lost = [] } = state;
  const dots = element("span", "class-dots");
  dots.setAttribute("role", "img");
  dots.setAttribute("aria-label", word("class.here", { here, lost: lost.length }));
  if (here + lost.length > MOST_DOTS) return dots;
  const add = (/** @type {number} */ n, /** @type {string} */ kind) => {
    for (let i = 0; i < n; i++) dots.append(element("i", kind));
  };
  if (!known) add(here, "own");
  else {
    add(here - own, "");
    add(own, "own");
    add(lost.length, "lost");
  }
  return dots;
}

/**
 * Dots for a count: filled, then open.
 * @param {number} n
 * @param {number} of
 */
export function countDots(n, of) {
  const dots = element("span", "class-dots");
  dots.setAttribute("aria-hidden", "true");
  if (of > MOST_DOTS) return dots;
  for (let i = 0; i < of; i++) dots.append(element("i", i < n ? "" : "own"));
  return dots;
}

/**
 * The votes, a bar for each answer and round.
 * @param {import("./course.js").Question} question
 * @param {any[]} rounds those that are shown
 * @param {boolean} answer whether the right one is marked
 */
export function votes(question, rounds, answer) {
  const list = element("ol", "class-votes");
  const most = Math.max(1, ...rounds.map(({ counts = [] }) => counts.reduce((/** @type {number} */ a, /** @type {number} */ b) => a + b, 0)));
  for (const [i, option] of question.options.entries()) {
    const right = answer && question.answer === i + 1;
    const item = element("li", "");
    if (right) item.dataset.right = "";
    const line = element("p", "");
    line.append(element("span", "class-n", `${i + 1}.`), element("span", "", option));
    if (right) line.append(element("span", "class-right", `✓ ${word("class.votes.right")}`));
    item.append(line);
    for (const [n, { counts = [] }] of rounds.entries()) {
      const bar = element("div", n === rounds.length - 1 ? "class-bar class-last" : "class-bar");
      const fill = element("i", "");
      fill.style.inlineSize = `${(100 * (counts[i] ?? 0)) / most}%`;
      const track = element("span", "class-track");
      track.append(fill);
      bar.append(element("span", "", rounds.length > 1 ? word(n === 0 ? "class.votes.before" : "class.votes.after") : ""), track, element("b", "", String(counts[i] ?? 0)));
      item.append(bar);
    }
    list.append(item);
  }
  return list;
}

/**
 * What the runs came to, for each side.
 * @param {any} runs
 */
export function outcomes(runs) {
  const both = element("div", "class-runs");
  for (const side of ["sse", "ws"]) {
    const part = element("div", "");
    part.dataset.side = side;
    part.append(element("h3", "", word(`side.${side}`)));
    const list = element("ul", "");
    for (const { key, n } of runs?.[side] ?? []) {
      const said = sayKey(key, "finding.");
      if (!said) continue;
      const item = element("li", "");
      item.append(element("b", "", String(n)), element("span", "", said));
      list.append(item);
    }
    part.append(list);
    both.append(part);
  }
  return both;
}

/** A cell for each: solved, tried, not yet. @param {any} exercise @param {number} of */
export function cells({ solved = 0, tried = 0 }, of) {
  const grid = element("div", "class-cells");
  grid.setAttribute("aria-hidden", "true");
  if (of > MOST_DOTS) return grid;
  for (let i = 0; i < Math.max(of, solved + tried); i++) {
    const kind = i < solved ? "solved" : i < solved + tried ? "tried" : "";
    grid.append(element("i", kind, { solved: "✓", tried: "✗", "": "" }[kind]));
  }
  return grid;
}

/** @param {any} exercise @param {number} of */
export function tally({ solved = 0, tried = 0 }, of) {
  const keys = element("p", "class-tally");
  for (const [n, key] of /** @type {[number, string][]} */ ([[solved, "solved"], [tried, "tried"], [Math.max(0, of - solved - tried), "not_yet"]])) {
    const part = element("span", "");
    part.append(element("b", "", String(n)), ` ${word(`class.exercise.${key}`)}`);
    keys.append(part);
  }
  return keys;
}

/** The checks that most people fail, and the hint for each. @param {any} exercise */
export function fails({ fails: all = [], tried = 0 }) {
  const table = element("table", "class-fails");
  for (const [i, { key, n }] of all.entries()) {
    const said = sayKey(key);
    if (!said) continue;
    const row = element("tr", "");
    const hint = /-hint-(\d+)/.exec(key)?.[1];
    row.append(element("td", "", "✗"), element("td", "", i === 0 && tried > 0 ? word("class.of", { n, of: tried }) : String(n)), element("td", "", said), element("td", "", hint ? word("class.exercise.hint", { hint }) : ""));
    table.append(row);
  }
  return table;
}

/**
 * What the class's own browsers have measured: a row a browser, a mark a person.
 * @param {any[]} measured
 */
export function measurements(measured) {
  const list = element("div", "class-measured");
  const kinds = [...new Set(measured.map(({ what }) => what))].filter((what) => hasWord(`class.measured.${what}`));
  for (const what of kinds) {
    const rows = measured.filter((row) => row.what === what);
    const most = Math.max(1, ...rows.flatMap(({ values }) => values));
    const figure = element("figure", "");
    figure.append(element("figcaption", "", word(`class.measured.${what}`)));
    for (const { side, browser, values } of rows) {
      const row = element("div", "class-measure");
      row.dataset.side = side;
      const track = element("span", "class-strip");
      for (const value of values.slice(0, 300)) {
        const dot = element("i", "");
        dot.style.insetInlineStart = `${(98 * value) / most}%`;
        track.append(dot);
      }
      const middle = values[Math.floor((values.length - 1) / 2)];
      const unit = what === "limit" ? "" : "ms";
      row.append(element("span", "", `${word(`side.${side}`)} · ${browserName(browser)}`), track, element("b", "", word("class.measured.middle", { n: values.length, value: Number(middle.toFixed(1)), unit }).trim()));
      figure.append(row);
    }
    list.append(figure);
  }
  return list;
}

/**
 * How a message arrived, over both.
 * @param {any} message
 */
export function arrivals({ sse = [], ws = [], of = 0 }) {
  const list = element("p", "class-arrivals");
  for (const [side, all] of /** @type {[string, number[]][]} */ ([["sse", sse], ["ws", ws]])) {
    const part = element("span", "class-side", word("class.message.arrived", { side: word(`side.${side}`), n: all.length, of, ms: Math.round(all.at(-1) ?? 0) }));
    part.dataset.side = side;
    list.append(part);
  }
  return list;
}

/** A learner's code as it was run, and what came of it. @param {any} exhibit */
export function exhibited(exhibit) {
  const { lesson, capture, code = {} } = exhibit;
  /** @type {HTMLElement[]} */
  const parts = [];
  for (const side of ["sse", "ws"]) {
    if (!code[side]) continue;
    const figure = element("figure", "class-code");
    figure.dataset.side = side;
    const pre = element("pre", "code");
    pre.tabIndex = 0;
    pre.append(element("code", "", code[side]));
    figure.append(element("figcaption", "", word(`side.${side}`)), pre);
    parts.push(figure);
  }
  const link = /** @type {HTMLAnchorElement} */ (element("a", "button", word("class.exhibit.bytes")));
  if (/^[\w-]{8,64}$/.test(capture ?? "")) {
    const run = new ClassRun();
    run.exhibit = exhibit;
    parts.push(run);
    link.href = `/${document.body.dataset.lang}/captures/${capture}`;
    link.target = "_blank";
    parts.push(link);
  }
  return lesson ? parts : [];
}
