// @ts-check
// The wave in which the browsers of a class come back after a cut: SSE over
// WebSocket on one axis of seconds, a row a browser, a mark a person.

import { svg } from "../../lib/dom.js";
import { word } from "../../lib/words.js";

/**
 * @typedef {{browser: string, back?: number, state?: string, own?: boolean}} Mark
 * @typedef {{id: number, how: string, at: number, here: number, lines: number, reached?: number, sse: Mark[], ws: Mark[]}} Wave
 * @typedef {"sse" | "ws"} Side
 *
 * @typedef {object} Row
 * @property {string} label the browsers in it, with their counts
 * @property {string} names the same without
 * @property {Mark[]} back those that are back, the first one first
 * @property {Mark[]} waiting
 * @property {Mark[]} never those whose program has ended
 *
 * @typedef {{width: number, font: number, cell: number, left: number, right: number, height?: number}} Sizes height: at the most, for which marks are drawn smaller
 */

/** Browsers with the same engine wait alike. @type {Record<string, string>} */
const ENGINES = { chrome: "chromium", edge: "chromium", wechat: "chromium", safari: "webkit", ios: "webkit", firefox: "gecko" };
const ORDER = ["chromium", "webkit", "gecko", "other"];

/** The axis is at least and at most so long, in seconds. */
const SHORTEST = 6;
const LONGEST = 15;

/** So many marks stand on each other at most; then the next column begins. */
const TALL = 12;

/** For so long after a cut, in ms, it is drawn how the time goes. */
export const RUNS_FOR = LONGEST * 1000;

/**
 * The rows of one side.
 * @param {Mark[]} marks
 * @returns {Row[]}
 */
export function rowsOf(marks) {
  /** @type {Map<string, Mark[]>} */
  const groups = new Map();
  for (const mark of marks) {
    const engine = ENGINES[mark.browser] ?? "other";
    groups.set(engine, [...(groups.get(engine) ?? []), mark]);
  }
  return ORDER.filter((engine) => groups.has(engine)).map((engine) => {
    const group = groups.get(engine) ?? [];
    /** @type {Map<string, number>} */
    const counts = new Map();
    for (const { browser } of group) counts.set(browser, (counts.get(browser) ?? 0) + 1);
    const names = [...counts].sort(([, a], [, b]) => b - a);
    const back = group.filter((mark) => mark.back !== undefined).sort((a, b) => (a.back ?? 0) - (b.back ?? 0));
    const rest = group.filter((mark) => mark.back === undefined);
    return {
      names: names.map(([name]) => browserName(name)).join(word("class.list")),
      label: names.map(([name, n]) => (names.length > 1 ? `${browserName(name)} ${n}` : browserName(name))).join(word("class.list")),
      back,
      waiting: rest.filter(({ state }) => state !== "closed"),
      never: rest.filter(({ state }) => state === "closed"),
    };
  });
}

/** @param {string} browser */
export function browserName(browser) {
  const known = ["chrome", "edge", "wechat", "firefox", "safari", "ios"].includes(browser);
  return word(`class.browser.${known ? browser : "other"}`);
}

/**
 * The place of each mark over its baseline, in cells: columns of at most TALL.
 * @param {number[]} times in ms, sorted
 * @param {number} perCell ms that one cell is wide
 * @param {number} tall
 * @returns {{column: number, level: number}[]}
 */
export function stacked(times, perCell, tall) {
  /** @type {Map<number, number>} */
  const heights = new Map();
  return times.map((time) => {
    let column = Math.floor(time / perCell);
    while ((heights.get(column) ?? 0) >= tall) column++;
    const level = heights.get(column) ?? 0;
    heights.set(column, level + 1);
    return { column, level };
  });
}

/** The middle one. @param {Mark[]} back sorted */
function median(back) {
  return back[Math.floor((back.length - 1) / 2)]?.back ?? 0;
}

/** How long the axis is, in seconds. @param {Wave} wave @param {number} age in ms */
export function axisOf({ sse, ws }, age) {
  const last = Math.max(0, ...[...sse, ...ws].map(({ back }) => back ?? 0));
  const passing = [...sse, ...ws].some(({ back, state }) => back === undefined && state !== "closed") ? age : 0;
  return Math.min(LONGEST, Math.max(SHORTEST, Math.ceil(last / 1000 + 0.5), Math.ceil(passing / 1000)));
}

/** @param {Wave} wave in a sentence for each side */
export function sentences({ sse, ws }) {
  const all = { sse: countOf(sse), ws: countOf(ws) };
  return {
    sse: word(all.sse.n > 0 ? "class.wave.sse" : "class.wave.none", all.sse),
    ws: word(all.ws.n > 0 ? "class.wave.ws" : "class.wave.none", all.ws),
  };
}

/** How many are back. @param {Mark[]} marks */
function countOf(marks) {
  return { n: marks.filter(({ back }) => back !== undefined).length, of: marks.length };
}

/**
 * Draws it.
 * @param {Wave} wave
 * @param {{age: number, retry?: number, sizes: Sizes, short?: boolean}} options age: how long ago, in ms; retry: what the run set, undefined where it has no such control
 * @returns {SVGElement}
 */
export function drawWave(wave, { age, retry, sizes, short = false }) {
  const { width, font, left, right } = sizes;
  const seconds = axisOf(wave, age);
  const plot = width - left - right;
  const x = (/** @type {number} */ ms) => left + (plot * Math.min(ms, seconds * 1000)) / (seconds * 1000);
  const said = sentences(wave);
  const parts = [];
  const most = Math.max(1, wave.sse.length, wave.ws.length);
  // So many that they would fill the page are drawn smaller.
  const cell = Math.max(2, Math.min(sizes.cell, sizes.cell * Math.sqrt(60 / most)));
  const perCell = (seconds * 1000 * cell) / plot;
  const tall = most > 60 ? TALL * 2 : TALL;
  let y = 0;
  const text = (/** @type {number} */ at, /** @type {number} */ line, /** @type {string} */ what, /** @type {string} */ name, anchor = "start") => svg("text", { x: at, y: line, class: name, "text-anchor": anchor }, what);

  for (const side of /** @type {Side[]} */ (["sse", "ws"])) {
    const group = svg("g", { "data-side": side });
    const rows = rowsOf(wave[side]);
    y += font * 1.5;
    const mark = font * 0.38;
    group.append(side === "sse" ? svg("circle", { class: "wave-dot", cx: mark, cy: y - mark, r: mark }) : svg("rect", { class: "wave-dot", x: 0, y: y - 2 * mark, width: 2 * mark, height: 2 * mark }));
    group.append(text(font * 1.25, y, word(`side.${side}`), "wave-name"));
    if (wave[side].length > 0) group.append(text(left + font * 0.6, y, short ? word("class.wave.back", countOf(wave[side])) : said[side], "wave-words"));
    const never = rows.reduce((sum, row) => sum + row.never.length, 0);
    const waits = rows.reduce((sum, row) => sum + row.waiting.length, 0);
    if (short && waits > 0) group.append(text(width, y, word("class.wave.waiting", { n: waits }), "wave-words", "end"));
    else if (short && never > 0) group.append(text(width, y, word("class.wave.never", { n: never }), "wave-words wave-bad", "end"));
    y += font * 0.4;
    for (const [index, row] of rows.entries()) {
      const placed = stacked(row.back.map(({ back = 0 }) => Math.min(back, seconds * 1000 - perCell)), perCell, tall);
      const levels = Math.max(0, ...placed.map(({ level }) => level + 1));
      const room = right - font * (short ? 1.6 : 8.2);
      const perLine = Math.max(4, Math.floor(room / cell));
      const gone = [...row.waiting.map(() => "waiting"), ...row.never.map(() => "never")];
      y += Math.max(font * 1.7, cell * Math.max(levels, Math.ceil(gone.length / perLine)) + font * 0.5);
      group.append(svg("path", { class: "wave-base", d: `M${left} ${y}H${width - right}` }));
      group.append(text(0, y - font * 0.3, short ? row.names : row.label, "wave-browser"));
      for (const { column, level } of placed) {
        const at = { x: left + column * cell + cell / 2, y: y - level * cell - cell / 2 - 1 };
        const r = cell * 0.43;
        group.append(side === "sse" ? svg("circle", { class: "wave-dot", cx: at.x, cy: at.y, r }) : svg("rect", { class: "wave-dot", x: at.x - r, y: at.y - r, width: 2 * r, height: 2 * r }));
      }
      for (const [i, kind] of gone.entries()) {
        const at = { x: width - right + font * 1.6 + (i % perLine) * cell, y: y - Math.floor(i / perLine) * cell - cell / 2 - 1 };
        const r = cell * 0.36;
        group.append(kind === "waiting" ? svg("circle", { class: "wave-wait", cx: at.x, cy: at.y, r }) : svg("path", { class: "wave-never", d: `M${at.x - r} ${at.y - r}l${2 * r} ${2 * r}m0 ${-2 * r}l${-2 * r} ${2 * r}` }));
      }
      const of = row.back.length + gone.length;
      if (!short) group.append(text(width, y - font * 0.3, row.back.length > 0 ? word("class.wave.numbers", { n: row.back.length, of, seconds: (median(row.back) / 1000).toFixed(2) }) : `0/${of}`, "wave-num", "end"));
      const say = short ? shortNoteOf(side, row, index) : noteOf(side, row, index, retry);
      if (say && row.back.length > 0) {
        const last = Math.max(...placed.map(({ column }) => column + 1)) * cell + left;
        const first = Math.min(...placed.map(({ column }) => column)) * cell + left;
        const wide = say.length * font * (/[\u4e00-\u9fff]/.test(say) ? 0.95 : 0.56);
        const after = last + font * 0.7 + wide < (gone.length > 0 || short ? width - right : width - font * 8.2);
        group.append(after ? text(last + font * 0.7, y - font * 0.4, say, "wave-say") : text(first - font * 0.7, y - font * 0.4, say, "wave-say", "end"));
      }
    }
    if (rows.length === 0) y += font * 1.2;
    y += font * 0.5;
    parts.push(group);
  }

  const bottom = y;
  const axis = svg("g", { class: "wave-axis" });
  for (let s = 1; s <= seconds; s++) {
    axis.append(svg("path", { class: "wave-tick", d: `M${x(s * 1000)} ${font * 1.9}V${bottom}` }));
    if (seconds <= 8 || s % 2 === 0) axis.append(text(x(s * 1000), bottom + font * 1.2, word("class.seconds", { seconds: s }), "wave-label", "middle"));
  }
  axis.append(svg("path", { class: "wave-cut", d: `M${left} ${font * 1.9}V${bottom}` }));
  axis.append(text(left, bottom + font * 1.2, word("class.wave.cut"), "wave-label wave-bad", "middle"));
  axis.append(text(width - right + font * 1.3, bottom + font * 1.2, word("class.wave.not_back"), "wave-label"));
  if (age < seconds * 1000 && parts.length > 0) axis.append(svg("path", { class: "wave-now", d: `M${x(age)} ${font * 1.9}V${bottom}` }));

  const height = Math.ceil(bottom + font * 1.7);
  if (sizes.height && height > sizes.height && sizes.cell > font / 4) return drawWave(wave, { age, retry, short, sizes: { ...sizes, cell: sizes.cell * 0.9 } });
  const drawing = svg("svg", { class: "wave", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `SSE: ${said.sse} WebSocket: ${said.ws}` });
  drawing.style.setProperty("--wave-font", `${font}px`);
  drawing.append(axis, ...parts);
  return drawing;
}

/**
 * The same for those who sit far away.
 * @param {Side} side
 * @param {Row} row
 * @param {number} index
 */
function shortNoteOf(side, { back }, index) {
  if (back.length === 0) return "";
  if (side === "ws") return index === 0 ? word("class.wave.short.own") : "";
  const seconds = around(median(back) / 1000);
  return word(index === 0 ? "class.wave.short.first" : "class.wave.short.later", { seconds });
}

/** @param {number} seconds as they are spoken of */
function around(seconds) {
  return seconds < 1 ? seconds.toFixed(1) : String(Math.round(seconds));
}

/**
 * What is to be learnt, where it happened.
 * @param {Side} side
 * @param {Row} row
 * @param {number} index
 * @param {number | undefined} retry
 */
function noteOf(side, row, index, retry) {
  if (row.back.length === 0) return "";
  const seconds = around(median(row.back) / 1000);
  if (side === "ws") return index === 0 ? word("class.wave.own", { seconds: Math.max(1, Math.ceil((row.back.at(-1)?.back ?? 0) / 1000)) }) : "";
  if (row.back.length < 2 && index > 0 && row.back[0].browser === "other") return "";
  if (retry) return index === 0 ? word("class.wave.retry", { retry, seconds }) : "";
  return index === 0 ? word("class.wave.default", { seconds }) : word("class.wave.waits", { browser: row.names, seconds });
}
