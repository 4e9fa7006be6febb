// @ts-check
// The picture of a run: two lanes a side, time to the right, or downwards where
// the window is narrow. What is said of a moment stands beside it.

import { place, stack, ticks, wrap } from "./labels.js";
import { endText, markText } from "./sentences.js";
import { valueOf } from "../../lib/capture.js";
import { element, svg } from "../../lib/dom.js";
import { word } from "../../lib/words.js";

/**
 * @typedef {import('../../lib/capture.js').Side} Side
 * @typedef {import('./facts.js').Facts} Facts
 * @typedef {import('./facts.js').Point} Point
 * @typedef {import('./timeline.js').State} State
 * @typedef {import('./timeline.js').Moment} Moment
 * @typedef {import('./timeline.js').Finding} Finding
 * @typedef {import('./facts.js').Mark} Mark
 * @typedef {import('./facts.js').Stop} Stop
 * @typedef {Point|Mark|Stop} Thing
 * @typedef {[name: string, attributes: Record<string, string|number>]} Look
 * @typedef {{thing: Thing, side: Side, at: number, look: Look, x: number, y: number}} Drawn  at: epoch ms on the browser's clock
 * @typedef {{at: number, text: string, tone: string, finding?: Finding}} Said
 */

// Sizes in pixels.
const MARGIN = 12;
const AXIS = 22;
const HEAD = 24; // the title of a side's lanes
const BEFORE = 10; // between the title and the first lane
const LANES = 26; // between two lanes of a side
const UP = 7; // beside the lane, so that the answer to it does not cover it
const ROW = 16; // of words
const ROWS = 2; // of words under a side, at least
const MOST_ROWS = 4; // but for findings, of which none is left out
const WIDEST = 0.7; // of the lane, for a line of words
const BAND = 10; // a band goes this far over its lanes
const CLOSEST = 4; // points nearer than this are drawn as one
const SMALL = 8; // nearer than this they are small
const CROWD = 400; // more points than this: then they may be as far apart as
const CROWDED = 10;
/** Downwards. */
const TIMES = 40; // the column of the axis
const TOP = 12;
const BREATH = 30; // a line of the log this far from its moment is left out

/** Of what is there as an element, and is not drawn as a mark of its own. @type {Look} */
const NO_LOOK = ["g", {}];

/** A finding this near, in ms, already says what happened. */
const SAME_MOMENT = 120;

const bothSides = /** @type {Side[]} */ (["sse", "ws"]);

export class Drawing {
  picture = svg("g", { "aria-hidden": "true" });
  names = /** @type {HTMLElement[]} */ ([]);
  /** Everything that is drawn and has a moment. @type {Drawn[]} */
  points = [];
  /** Where the titles of the sides are, across time. @type {Record<Side, number>} */
  heads = { sse: 0, ws: 0 };
  /** How much room the lanes take, across time. */
  depth = 0;
  /** Where the last words end, downwards. */
  end = 0;
  #state;
  #facts;
  #span;
  #down;
  #length;
  #across;
  #measure;
  /** What is drawn of the chosen moment: behind all else, and above it. */
  #under = svg("g", {});
  #over = svg("g", {});
  /** What is said of each finding. @type {Map<Finding, Element>} */
  #said = new Map();
  #titled;
  #type;
  #row;
  /** @type {Record<Side, number>} */
  #lanes = { sse: 0, ws: 0 };

  /**
   * @param {object} with
   * @param {State} with.state
   * @param {Facts} with.facts
   * @param {number} with.span in ms
   * @param {boolean} with.down whether time goes downwards
   * @param {number} with.length of time, in pixels
   * @param {number} with.across the room across time; where time goes to the right, it takes what it needs
   * @param {boolean} with.titled whether each side has its title elsewhere
   * @param {(text: string, bold: boolean) => number} with.measure
   * @param {number} with.type how many times as large as usual words are, to the right
   */
  constructor({ state, facts, span, down, length, across, titled, measure, type }) {
    this.#state = state;
    this.#facts = facts;
    this.#span = span;
    this.#down = down;
    this.#length = length;
    this.#across = across;
    this.#titled = titled;
    this.#measure = measure;
    this.#type = type;
    this.#row = ROW * type;
    let from = down ? TIMES : AXIS;
    for (const side of state.sides ?? bothSides) from = this.#drawSide(side, from);
    this.depth = down ? across : from;
    this.#drawAxis();
    this.picture.prepend(this.#under);
    this.picture.append(this.#over);
    this.points.sort((a, b) => a.at - b.at);
  }

  /** Where a moment is along time. @param {number} elapsed in ms */
  along(elapsed) {
    const start = this.#down ? TOP : MARGIN;
    return start + (Math.max(0, elapsed) / this.#span) * (this.#length - start - MARGIN);
  }

  /** @param {number} elapsed @param {number} lane @returns {[number, number]} */
  #at(elapsed, lane) {
    return this.#down ? [lane, this.along(elapsed)] : [this.along(elapsed), lane];
  }

  /** @param {string} look @param {number} from @param {number} lane @param {number} to @param {number} other @param {Record<string, string>} [more] */
  #line(look, from, lane, to, other, more) {
    const [x1, y1] = this.#at(from, lane);
    const [x2, y2] = this.#at(to, other);
    return svg("line", { class: look, x1, y1, x2, y2, ...more });
  }

  #drawAxis() {
    const start = this.#down ? TIMES - 6 : AXIS - 6;
    for (const time of ticks(this.#span, this.#length / (this.#down ? 56 : 90))) {
      this.picture.prepend(this.#line("timeline-tick", time, start, time, this.depth));
      const shown = (time + (this.#state.watched?.before ?? 0)) / 1000;
      const text = time === 0 ? `${shown} s` : String(shown);
      const [x, y] = this.#down ? [TIMES - 9, this.along(time) + 4] : [this.along(time), AXIS - 9];
      const anchor = this.#down ? "end" : time === 0 ? "start" : "middle";
      this.picture.append(svg("text", { class: "timeline-axis", x, y, "text-anchor": anchor }, text));
    }
  }

  /**
   * Marks a moment, by its time on the axis and a line through both sides, and what
   * is said of it. All else stays as it is drawn.
   * @param {Moment|undefined} chosen @param {Finding|undefined} finding
   */
  choose(chosen, finding) {
    this.#under.replaceChildren();
    this.#over.replaceChildren();
    const same = this.#sameFinding(finding);
    for (const [other, said] of this.#said) said.toggleAttribute("data-on", other === same);
    if (chosen) this.#drawChosen(chosen);
  }

  /** A finding among those that are drawn: they are made anew as more is known. @param {Finding|undefined} finding */
  #sameFinding(finding) {
    if (!finding) return undefined;
    const { side, word, from } = finding;
    const same = this.#state.findings.filter((other) => other.side === side && other.word === word);
    return same.toSorted((a, b) => Math.abs(a.from - from) - Math.abs(b.from - from))[0];
  }

  /** @param {Moment} chosen */
  #drawChosen(chosen) {
    const { at, side, from } = chosen;
    const elapsed = at - this.#state.started;
    if (elapsed < -1 || elapsed > this.#span) return;
    const label = ((elapsed + (this.#state.watched?.before ?? 0)) / 1000).toFixed(3);
    const wide = Math.ceil(this.#measure(label, true)) + 6;
    const [x, y] = this.#down ? [0, this.along(elapsed) - 8] : [Math.min(this.#length - wide, Math.max(0, this.along(elapsed) - wide / 2)), 2];
    const pill = svg("g", { class: "timeline-pill" });
    pill.append(svg("rect", { x, y, width: wide, height: 17, rx: 8.5 }), svg("text", { x: x + wide / 2, y: y + 12.5, "text-anchor": "middle" }, label));
    const line = this.#line("timeline-head", elapsed, this.#down ? wide : AXIS - 4, elapsed, this.depth);
    const drawn = this.points.find(({ thing }) => isAt(thing, chosen));
    const [cx, cy] = drawn ? [drawn.x, drawn.y] : this.#at(elapsed, this.#lanes[side] + (from === "client" ? UP : 0));
    this.#under.append(line); // behind the words
    this.#over.append(svg("circle", { class: "timeline-ring", cx, cy, r: 8 }), pill);
  }

  /** Draws a side that begins there, across time, and returns where it ends. @param {Side} side @param {number} begin */
  #drawSide(side, begin) {
    const facts = this.#facts[side];
    const behind = this.#facts.behind[side];
    const { watched } = this.#state;
    const hasProxy = behind.points.length > 0 || watched !== undefined;
    this.heads[side] = begin;
    const top = this.#down ? begin + 10 : begin + HEAD + BEFORE;
    const middle = hasProxy ? top + LANES : top; // what the browser gets leaves here
    const bottom = middle + LANES;
    this.#lanes[side] = middle;
    const group = svg("g", {});
    group.dataset.side = side;
    this.picture.append(group);
    if (!this.#down) {
      if (!this.#titled && !watched) this.#name(word(`side.${side}`), begin + HEAD / 2, side);
      const part = watched ? "watch.lane" : "timeline";
      this.#name(word(`${part}.server`), top);
      if (hasProxy) this.#name(word(`${part}.proxy`), middle);
      this.#name(word(`${part}.browser`), bottom);
    }

    /** @type {Said[]} */
    const said = [];
    const words = svg("g", {}); // in a band, above what happens in it
    for (const finding of this.#state.findings.filter((finding) => finding.side === side)) {
      const told = this.#drawFinding(finding, top, bottom, group, words);
      if (told) said.push(told);
    }
    for (const lane of new Set([top, middle, bottom])) group.append(this.#line("timeline-lane", 0, lane, this.#span, lane));
    this.#drawPoints(behind.points, side, top, middle, group);
    this.#drawPoints(facts.points, side, middle, bottom, group, watched !== undefined);
    for (const stop of behind.stops) said.push(...this.#drawStop(stop, side, top, middle, group));
    for (const stop of facts.stops) said.push(...this.#drawStop(stop, side, middle, bottom, group));
    for (const mark of facts.marks) said.push(...this.#drawMark(mark, side, bottom, group));
    group.append(words);
    if (!this.#down) {
      return bottom + BAND + this.#drawLabels(said, bottom + BAND, group) * this.#row;
    }
    const end = begin + (this.#across - TIMES) / 2;
    this.#stackLabels([...said, ...this.#logged(side)], bottom + 10, end - 4, group);
    return end;
  }

  /** @param {string} text @param {number} y @param {Side} [side] */
  #name(text, y, side) {
    const name = element("span", "timeline-name", text);
    if (side) name.dataset.side = side;
    name.style.top = `${y}px`;
    this.names.push(name);
  }

  /** A gap is a band, anything else a line; the words go into a band that has room for them. @param {Finding} finding @param {number} top @param {number} bottom @param {Element} group @param {Element} words @returns {Said|undefined} */
  #drawFinding(finding, top, bottom, group, words) {
    const { kind, from, to, word: key, args } = finding;
    const { started } = this.#state;
    const text = word(key, args);
    const tone = kind === "gap" || kind === "cut" ? "trouble" : kind;
    const told = { at: from, text, tone, finding };
    if (to === undefined) {
      if (kind === "cut") group.append(this.#line("timeline-cut", from - started, top - BAND, from - started, bottom + BAND));
      return told;
    }
    const [x, y] = this.#at(from - started, top - BAND);
    const [right, below] = this.#at(Math.min(to - started, this.#span), bottom + BAND);
    const width = Math.max(2, right - x);
    group.append(svg("rect", { class: `timeline-${kind === "gap" ? "gap" : "wait"}`, x, y, width, height: Math.max(2, below - y) }));
    // Between two lanes there is room for one line.
    if (this.#down || bottom - top > LANES || this.#width(told) > width - 12) return told;
    const said = this.#words({ ...told, text: "" });
    said.append(svg("text", { class: "timeline-words timeline-in-band", "data-tone": tone, x: x + width / 2, y: (top + bottom) / 2 + 4 * this.#type, "text-anchor": "middle" }, text));
    words.append(said);
    return undefined;
  }

  /** What is said of a moment; that of a finding can be chosen. @param {Said} said */
  #words({ finding }) {
    const made = svg("g", { class: "timeline-said" });
    if (!finding) return made;
    made.dataset.finding = String(this.#state.findings.indexOf(finding));
    this.#said.set(finding, made);
    return made;
  }

  /** How wide words are: those of some are bold. @param {{text: string, tone: string}} said */
  #width({ text, tone }) {
    return this.#measure(text, tone === "trouble" || tone === "good");
  }

  /** @param {Point[]} points @param {Side} side @param {number} top @param {number} bottom @param {Element} group @param {boolean} [unreported] no browser says when it got them: they are drawn as if at once */
  #drawPoints(points, side, top, bottom, group, unreported = false) {
    const { capture, started, watched } = this.#state;
    /** @type {Map<string, number>} where the last one of a kind is */
    const last = new Map();
    const closest = points.length > CROWD ? CROWDED : CLOSEST;
    let before = -Infinity;
    let downwards = "";
    let upwards = "";
    for (const point of points) {
      const elapsed = point.time - capture.clockOffset - started;
      if (watched && elapsed < -1) continue; // before what is shown
      const place = this.along(elapsed);
      if (place - (last.get(point.kind) ?? -Infinity) < closest) continue;
      last.set(point.kind, place);
      const up = point.kind === "up";
      const lane = up ? top + UP : top;
      const landed = point.passed ? point.passed.time - capture.clockOffset : (point.other ?? (unreported ? elapsed + started : undefined));
      const [x, y] = this.#at(elapsed, lane);
      const [toX, toY] = this.#at(landed === undefined ? elapsed : landed - started, bottom);
      if (up) upwards += `M${x} ${y}L${toX} ${toY}`;
      else if (landed !== undefined) downwards += `M${x} ${y}L${toX} ${toY}`;
      const look = pointLook(point.kind, side, tenth(x), tenth(y), place - before < SMALL);
      before = place;
      this.points.push({ thing: point, side, at: started + elapsed, look, x, y });
    }
    // One path for all: a document with a line for each would take several times as long.
    group.append(svg("path", { class: "timeline-down", d: downwards }), svg("path", { class: "timeline-up", d: upwards }));
  }

  /** @param {import('./facts.js').Stop} stop @param {Side} side @param {number} top @param {number} bottom @param {Element} group @returns {Said[]} */
  #drawStop(stop, side, top, bottom, group) {
    const { time, from, how } = stop;
    const { capture, started, watched } = this.#state;
    const at = time - capture.clockOffset;
    if (at - started > this.#span || (watched && at < started)) return []; // long after the run, or before what is shown
    const trouble = how !== "fin";
    const lane = from === "server" ? top : bottom;
    const [first, second] = trouble ? [top - BAND, bottom + BAND] : [lane - 6, lane + 6];
    group.append(this.#line(trouble ? "timeline-cut" : "timeline-end", at - started, first, at - started, second));
    const [x, y] = this.#at(at - started, lane);
    this.points.push({ thing: stop, side, at, look: NO_LOOK, x, y });
    if (!trouble || this.#isSaid(side, at)) return [];
    return [{ at, text: endText(from, how), tone: "trouble" }];
  }

  /** @param {import('./facts.js').Mark} mark @param {Side} side @param {number} bottom @param {Element} group @returns {Said[]} */
  #drawMark(mark, side, bottom, group) {
    const { kind, time, report } = mark;
    const [x, y] = this.#at(time - this.#state.started, bottom);
    this.points.push({ thing: mark, side, at: time, look: NO_LOOK, x, y });
    if (kind === "open") {
      group.append(svg("circle", { class: "timeline-open", cx: x, cy: y, r: 3.5 }));
      return [];
    }
    const trouble = mark.trouble && !this.#isGoodbye(mark, side);
    group.append(svg("path", { class: "timeline-cross", "data-tone": trouble ? "trouble" : "", d: `M${x - 4} ${y - 4}l8 8m0 -8l-8 8` }));
    // An error before a close tells the code nothing that the close does not.
    if (!trouble || (kind === "error" && side === "ws") || this.#isSaid(side, time)) return [];
    return [{ at: time, text: markText(kind, report), tone: "trouble" }];
  }

  /** Whether an EventSource was closed by the 204 that asks for it: an error for the code, and no trouble. @param {Mark} mark @param {Side} side */
  #isGoodbye({ kind, time, report }, side) {
    if (kind !== "error" || report.readyState !== 2) return false;
    const { capture } = this.#state;
    const answer = this.#facts[side].points.findLast((point) => point.kind === "head" && point.time - capture.clockOffset <= time + SAME_MOMENT);
    return answer !== undefined && valueOf(answer.frame, "http.response.code") === "204";
  }

  /** Whether a finding speaks of this moment. @param {Side} side @param {number} time */
  #isSaid(side, time) {
    return this.#state.findings.some((finding) => finding.side === side && Math.abs(finding.from - time) < SAME_MOMENT);
  }

  /** What a side's program logged: where time goes downwards there is room for it. @param {Side} side @returns {Said[]} */
  #logged(side) {
    return this.#state.reports
      .filter((report) => report.side === side && (report.kind === "log" || report.kind === "report"))
      .map((report) => ({ at: report.at, text: String(report.kind === "log" ? report.values.join(" ") : report.text), tone: "log" }))
      .filter(({ text }) => !/^[[{]/.test(text)); // values for a program, of which a column shows the first few
  }

  /** Words in rows under a side; returns how many rows these are. @param {Said[]} all @param {number} y @param {Element} group */
  #drawLabels(all, y, group) {
    const labels = all.map((said) => {
      const bold = said.tone === "trouble" || said.tone === "good";
      const measure = (/** @type {string} */ text) => this.#measure(text, bold);
      // What is nearly as long as the lane takes two lines.
      const lines = this.#width(said) > WIDEST * this.#length ? wrap(said.text, WIDEST * this.#length, measure) : [said.text];
      const width = Math.max(...lines.map(measure)) + 8;
      return { said, text: lines, lines: lines.length, x: this.along(said.at - this.#state.started), width, tone: said.tone, cut: said.finding?.kind === "cut", stays: said.finding !== undefined };
    });
    const placed = place(labels, this.#length - 4, MOST_ROWS);
    for (const { label, row } of placed) {
      group.append(svg("line", { class: "timeline-leader", "data-tone": label.tone, x1: label.x, x2: label.x, y1: y - 4, y2: y + (row + 1) * this.#row - 3 }));
    }
    for (const { label, left, row } of placed) {
      const { said, text, width } = label;
      const top = y + row * this.#row;
      const made = this.#words(said);
      made.append(svg("rect", { class: "timeline-frame", x: left, y: top, width, height: text.length * this.#row - 1, rx: 2 }));
      text.forEach((line, i) => made.append(svg("text", { class: "timeline-words", "data-tone": said.tone, x: left + 4, y: top + (i + 1) * this.#row - 4.5 * this.#type }, line)));
      group.append(made);
    }
    return Math.max(ROWS, ...placed.map(({ label, row }) => row + label.lines));
  }

  /** Words beside their moments, one under the other. @param {Said[]} all @param {number} left @param {number} right @param {Element} group */
  #stackLabels(all, left, right, group) {
    const labels = all
      .toSorted((a, b) => a.at - b.at)
      .map((said) => {
        const bold = said.tone === "trouble" || said.tone === "good";
        let lines = wrap(said.text, right - left - 4, (text) => this.#measure(text, bold));
        // What a program has logged is whole in the log.
        if (said.tone === "log" && lines.length > 1) lines = [`${lines[0].slice(0, -1)}…`];
        const width = Math.max(...lines.map((text) => this.#measure(text, bold))) + 8;
        return { said, width, at: this.along(said.at - this.#state.started) - 8, height: lines.length * ROW, lines, optional: said.tone === "log" };
      });
    for (const { label, top } of stack(labels, BREATH)) {
      const made = this.#words(label.said);
      const { tone } = label.said;
      this.end = Math.max(this.end, top + label.height + 4);
      // No line runs through the words: not that of the chosen moment, nor one of the axis.
      made.append(svg("rect", { class: "timeline-behind", x: left, y: top, width: label.width - 8, height: label.height + 2 }));
      if (label.said.finding) {
        made.append(svg("rect", { class: "timeline-frame", x: left - 4, y: top, width: label.width, height: label.height + 2, rx: 2 }));
      }
      label.lines.forEach((line, i) => made.append(svg("text", { class: "timeline-words", "data-tone": tone, x: left, y: top + 12 + i * ROW }, line)));
      group.append(made);
    }
  }
}

/**
 * A point's mark: SSE's are round and WebSocket's square. What the code gets is
 * solid, what it never sees is hollow.
 * @param {Point['kind']} kind @param {Side} side @param {number} x @param {number} y @param {boolean} small
 * @returns {Look}
 */
function pointLook(kind, side, x, y, small) {
  const look = `timeline-point ${kind}`;
  const r = small ? 2.5 : kind === "event" ? 4.5 : 3.5;
  if (kind === "up") return ["path", { class: look, d: `M${x} ${y - 4}l4 7h-8z` }];
  if (kind === "head") return ["path", { class: look, d: `M${x} ${y - 5}l5 5l-5 5l-5 -5z` }];
  if (side === "sse") return ["circle", { class: look, cx: x, cy: y, r }];
  return ["rect", { class: look, x: x - r, y: y - r, width: 2 * r, height: 2 * r }];
}

/** @param {number} pixels */
function tenth(pixels) {
  return Math.round(10 * pixels) / 10;
}

/** Whether something is what a moment speaks of. @param {Thing} thing @param {Moment} moment */
export function isAt(thing, { connection, from, offset }) {
  if ("report" in thing && !("connection" in thing)) return false;
  const place = /** @type {Point|Stop} */ (thing);
  return place.connection === connection && place.from === from && ("how" in place ? Infinity : place.offset) === offset;
}
