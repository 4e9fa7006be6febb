// @ts-check
/**
 * One timeline for both sides of a run. Each side has two lanes: what the
 * server wrote, and below it when the browser handed that to the code. Where a
 * proxy stands in between, there is one more on top: what the server behind the
 * proxy wrote.
 *
 * Usage:
 *   <seewire-timeline></seewire-timeline>
 *
 *   element.show({
 *     capture,                // lib/capture.js
 *     reports,                // from the worker; may grow between two calls
 *     findings,               // [{side, from, to?, kind: 'gap'|'cut'|'note'|'good', word, args}], epoch ms, browser's clock
 *     running: true,
 *     started,                // epoch ms on the browser's clock
 *   });
 *   element.addEventListener('select', ({ detail: { connection, from, offset } }) => …);
 *
 * 'select' is fired when the mouse rests on a point, or the keyboard comes to it.
 */

import { Facts } from "./facts.js";
import { place, stepped, ticks, wrap } from "./labels.js";
import { frameText } from "../frames/summary.js";
import { element, svg } from "../../lib/dom.js";
import { now } from "../../lib/live.js";
import { Throttle } from "../../lib/throttle.js";
import { word } from "../../lib/words.js";

/**
 * @typedef {import('../../lib/capture.js').Capture} Capture
 * @typedef {import('../../lib/capture.js').Side} Side
 * @typedef {import('./facts.js').Point} Point
 * @typedef {{side: Side, from: number, to?: number, kind: 'gap'|'cut'|'note'|'good', word: string, args?: Record<string, any>}} Finding
 * @typedef {{capture: Capture, reports: any[], findings: Finding[], running: boolean, started: number}} State
 */

// Sizes in pixels.
const NARROWEST = 620;
const PER_SECOND = 12;
const MARGIN = 16;
const AXIS = 30;
const LANES = 40; // between two lanes of a side
const SIDE_TOP = 18;
const UP = 10; // below the lane, so that the answer to it does not cover it
const ROW = 18; // of words
const LONGEST_LINE = 300;
const CLOSEST = 4; // points nearer than this are drawn as one
const CROWD = 400; // more points than this: then they may be as far apart as
const CROWDED = 10;

/** How often new facts are drawn, in ms. */
const DRAW_EVERY = 120;
/** How long the mouse has to rest on a point, in ms. */
const REST = 90;
/** A finding this near, in ms, already says what happened. */
const SAME_MOMENT = 120;
/** Words under one side, and lines in the list of everything. */
const MOST_LABELS = 10;
const MOST_IN_LIST = 300;

export class SeewireTimeline extends HTMLElement {
  /** @type {State|undefined} */
  #state;
  /** @type {Facts|undefined} */
  #facts;
  #names = element("div", "timeline-names");
  #box = element("div", "timeline-box");
  #svg = svg("svg", { role: "group", "aria-label": word("timeline.label") });
  #cursor = svg("line", { class: "timeline-now" });
  #points = svg("g", { role: "listbox", tabindex: 0, "aria-label": word("timeline.points") });
  #list = /** @type {HTMLDetailsElement} */ (element("details", "timeline-list"));
  /** The points that are drawn, in order of time. @type {{point: Point, mark: Element}[]} */
  #drawn = [];
  /** The one that is selected. @type {Point|undefined} */
  #active;
  #span = 0;
  #width = NARROWEST;
  #throttle = new Throttle(() => this.#draw(), DRAW_EVERY);
  #frame = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #rest;
  // Kept here, because asking the document for them makes it lay itself out.
  #boxWidth = 0;
  #boxLeft = 0;
  #scrolled = false;
  #still = matchMedia("(prefers-reduced-motion: reduce)");
  #changed = () => this.#throttle.schedule();
  /** What is said of a point, until more is known of it. @type {WeakMap<Point, {key: string, text: string}>} */
  #said = new WeakMap();
  #measure = measurer();

  connectedCallback() {
    if (this.firstChild !== null) return;
    this.#names.setAttribute("aria-hidden", "true");
    this.#svg.append(svg("g", { "aria-hidden": "true" }), this.#points);
    this.#box.append(this.#svg);
    const sentences = element("ol", "");
    sentences.tabIndex = 0; // it scrolls, so the keyboard must get to it
    this.#list.append(element("summary", "", word("timeline.list")), sentences);
    const frame = element("div", "timeline-frame");
    frame.append(this.#names, this.#box);
    this.append(frame, this.#list);

    this.#list.addEventListener("toggle", () => this.#drawList());
    this.#box.addEventListener("pointerdown", () => (this.#scrolled = true));
    this.#points.addEventListener("pointerover", (event) => this.#hovered(event));
    this.#points.addEventListener("pointerout", () => clearTimeout(this.#rest));
    this.#points.addEventListener("click", (event) => this.#goTo(this.#indexOf(event.target)));
    this.#points.addEventListener("keydown", (event) => this.#keydown(/** @type {KeyboardEvent} */ (event)));
    this.#points.addEventListener("focus", () => this.#goTo(Math.max(0, this.#place)));
    this.#box.addEventListener("scroll", () => (this.#boxLeft = this.#box.scrollLeft), { passive: true });
    new ResizeObserver(([entry]) => {
      this.#boxWidth = entry.contentRect.width;
      this.#throttle.schedule();
    }).observe(this.#box);
  }

  disconnectedCallback() {
    cancelAnimationFrame(this.#frame);
    this.#throttle.cancel();
    this.#frame = 0;
    this.#state?.capture.removeEventListener("change", this.#changed);
  }

  /** @param {State} state */
  show(state) {
    if (state.capture !== this.#state?.capture) {
      this.#state?.capture.removeEventListener("change", this.#changed);
      state.capture.addEventListener("change", this.#changed);
    }
    if (state.started !== this.#state?.started) {
      this.#active = undefined;
      this.#scrolled = false;
    }
    this.#state = state;
    this.#throttle.schedule();
    if (state.running && this.#frame === 0 && !this.#still.matches)
      this.#frame = requestAnimationFrame(() => this.#tick());
  }

  /** Moves the line that says now; nothing else moves by itself. */
  #tick() {
    this.#frame = 0;
    if (!this.#state?.running || this.#still.matches) {
      this.#cursor.setAttribute("visibility", "hidden");
      return;
    }
    const elapsed = now() - this.#state.started;
    if (elapsed > this.#span) this.#throttle.schedule();
    else this.#moveCursor(elapsed);
    this.#frame = requestAnimationFrame(() => this.#tick());
  }

  /** @param {number} elapsed */
  #moveCursor(elapsed) {
    const x = this.#x(elapsed);
    this.#cursor.setAttribute("visibility", "visible");
    this.#cursor.setAttribute("transform", `translate(${x.toFixed(1)} 0)`);
    if (this.#scrolled || x < this.#boxLeft + this.#boxWidth - 2 * MARGIN) return;
    this.#boxLeft = Math.min(x - this.#boxWidth / 2, this.#width - this.#boxWidth);
    this.#box.scrollLeft = this.#boxLeft;
  }

  #draw() {
    const state = this.#state;
    if (!state || !this.isConnected) return;
    if (!this.#facts?.continues(state.capture, state.reports)) this.#facts = new Facts(state.capture);
    this.#facts.update(state.reports);

    this.#span = this.#spanOf(state);
    this.#width = Math.max(this.#boxWidth, NARROWEST, Math.round((this.#span / 1000) * PER_SECOND));
    const picture = svg("g", { "aria-hidden": "true" });
    this.#drawn = [];
    this.#names.replaceChildren();
    let y = AXIS;
    for (const side of /** @type {Side[]} */ (["sse", "ws"])) y = this.#drawSide(side, y, picture);
    this.#drawAxis(picture, y);

    this.#svg.setAttribute("width", String(this.#width));
    this.#svg.setAttribute("height", String(y));
    this.#svg.setAttribute("viewBox", `0 0 ${this.#width} ${y}`);
    this.#names.style.height = `${y}px`;
    this.#cursor.setAttribute("y1", String(AXIS - 8));
    this.#cursor.setAttribute("y2", String(y - 6));
    if (!state.running || this.#still.matches) this.#cursor.setAttribute("visibility", "hidden");
    this.#svg.replaceChildren(picture, this.#cursor, this.#points);

    this.#drawn.sort((a, b) => a.point.time - b.point.time);
    this.#points.replaceChildren(...this.#drawn.map(({ mark }) => mark));
    this.#points.toggleAttribute("hidden", this.#drawn.length === 0);
    if (this.#list.open) this.#drawList();
    if (!state.running && !this.#scrolled) this.#scrollToTrouble(state);
  }

  /** Where not all of a finished run has room, what went wrong is what to show of it. @param {State} state */
  #scrollToTrouble({ findings, started }) {
    const trouble = findings.find(({ kind }) => kind === "gap" || kind === "cut");
    const left = trouble ? Math.max(0, this.#x(trouble.from - started) - 0.4 * this.#boxWidth) : 0;
    if (left === this.#boxLeft) return; // scrolling makes the document lay itself out
    this.#boxLeft = this.#box.scrollLeft = left;
  }

  /** How much time is shown, in ms. @param {State} state */
  #spanOf({ capture, reports, findings, running, started }) {
    let last = reports.at(-1)?.at ?? started;
    const { sse, ws, behind } = this.#facts ?? {};
    for (const { points, stops } of [sse, ws, behind?.sse, behind?.ws].filter((side) => side !== undefined)) {
      for (const { time } of [points.at(-1), stops.at(-1)].filter((it) => it !== undefined)) {
        last = Math.max(last, time - capture.clockOffset);
      }
    }
    for (const { from, to } of findings) last = Math.max(last, to ?? from);
    if (started === 0) return 5000;
    return running ? stepped(Math.max(now(), last) - started) : Math.max(400, 1.02 * (last - started));
  }

  /** @param {Element} picture @param {number} height */
  #drawAxis(picture, height) {
    for (const time of ticks(this.#span, this.#width / 90)) {
      const x = this.#x(time);
      picture.prepend(svg("line", { class: "timeline-tick", x1: x, x2: x, y1: AXIS - 8, y2: height - 6 }));
      const anchor = time === 0 ? "start" : "middle";
      const text = time === 0 ? "0 s" : String(time / 1000);
      picture.append(svg("text", { class: "timeline-axis", x, y: AXIS - 14, "text-anchor": anchor }, text));
    }
  }

  /** Draws a side from y on and returns where it ends. @param {Side} side @param {number} y @param {Element} picture */
  #drawSide(side, y, picture) {
    const state = /** @type {State} */ (this.#state);
    const facts = /** @type {Facts} */ (this.#facts)[side];
    const behind = /** @type {Facts} */ (this.#facts).behind[side];
    const hasProxy = behind.points.length > 0;
    const top = y + SIDE_TOP;
    const middle = hasProxy ? top + LANES : top; // what the browser gets leaves here
    const bottom = middle + LANES;
    const group = svg("g", {});
    group.dataset.side = side;
    picture.append(group);
    this.#name(word(`timeline.server.${side}`), top, side);
    if (hasProxy) this.#name(word("timeline.proxy"), middle, undefined);
    this.#name(word("timeline.browser"), bottom, undefined);

    const labels = [];
    const words = svg("g", {}); // in a band, above what happens in it
    const right = this.#width - MARGIN;
    for (const finding of state.findings.filter((finding) => finding.side === side)) {
      const label = this.#drawFinding(finding, top, middle, bottom, group, words);
      if (label) labels.push(label);
    }
    for (const lane of new Set([top, middle, bottom]))
      group.append(svg("line", { class: "timeline-lane", x1: MARGIN, x2: right, y1: lane, y2: lane }));
    this.#drawPoints(behind.points, top, middle, group);
    this.#drawPoints(facts.points, middle, bottom, group);
    for (const stop of behind.stops) labels.push(...this.#drawStop(stop, side, top, middle, group));
    for (const stop of facts.stops) labels.push(...this.#drawStop(stop, side, middle, bottom, group));
    for (const mark of facts.marks) labels.push(...this.#drawMark(mark, side, bottom, group));
    group.append(words);

    const rows = this.#drawLabels(labels.slice(0, MOST_LABELS), bottom + 16, group);
    return bottom + 20 + rows * ROW + (rows > 0 ? 8 : 4);
  }

  /** @param {string} text @param {number} y @param {Side|undefined} side */
  #name(text, y, side) {
    const name = element("span", "timeline-name", text);
    if (side) name.dataset.side = side;
    name.style.top = `${y}px`;
    this.#names.append(name);
  }

  /** A gap is a band, anything else a line; the words go into a band that has room for them. @param {Finding} finding @param {number} top @param {number} middle @param {number} bottom @param {Element} group @param {Element} words */
  #drawFinding({ kind, from, to, word: key, args }, top, middle, bottom, group, words) {
    const { started } = /** @type {State} */ (this.#state);
    const x = this.#x(from - started);
    const text = word(key, args);
    const tone = kind === "gap" || kind === "cut" ? "trouble" : kind;
    if (kind !== "gap" || to === undefined) {
      if (kind === "cut")
        group.append(svg("line", { class: "timeline-cut", x1: x, x2: x, y1: top - 12, y2: bottom + 12 }));
      return this.#label(text, x, tone);
    }
    const width = Math.max(2, this.#x(to - started) - x);
    group.append(svg("rect", { class: "timeline-gap", x, y: top - 12, width, height: bottom - top + 24 }));
    const lines = wrap(text, width - 20, this.#measure);
    const widest = Math.max(...lines.map(this.#measure));
    if (widest > width - 20 || lines.length > 2) return this.#label(text, x, tone);
    lines.forEach((line, i) => {
      const baseline = (middle + bottom) / 2 + 4 + (i - (lines.length - 1) / 2) * ROW;
      words.append(
        svg(
          "text",
          { class: "timeline-words timeline-in-gap", "data-tone": tone, x: x + width / 2, y: baseline, "text-anchor": "middle" },
          line,
        ),
      );
    });
    return undefined;
  }

  /** @param {Point[]} points @param {number} top @param {number} bottom @param {Element} group */
  #drawPoints(points, top, bottom, group) {
    const { capture, started } = /** @type {State} */ (this.#state);
    /** @type {Map<string, number>} where the last one of a kind is */
    const last = new Map();
    const closest = points.length > CROWD ? CROWDED : CLOSEST;
    for (const point of points) {
      const x = this.#x(point.time - capture.clockOffset - started);
      if (x - (last.get(point.kind) ?? -Infinity) < closest) continue;
      last.set(point.kind, x);
      const up = point.kind === "up";
      const landed = point.passed ? point.passed.time - capture.clockOffset : point.other;
      if (landed !== undefined || up) {
        const other = landed === undefined ? x : this.#x(landed - started);
        group.append(
          svg("line", {
            class: up ? "timeline-up" : "timeline-down",
            x1: x,
            y1: up ? top + UP : top,
            x2: other,
            y2: bottom,
          }),
        );
      }
      const mark = pointMark(point.kind, x, up ? top + UP : top);
      mark.setAttribute("role", "option");
      mark.setAttribute("aria-selected", String(point === this.#active));
      mark.setAttribute("aria-label", this.#sentence(point));
      mark.setAttribute("data-side", capture.sideOf(point.connection));
      mark.id = `timeline-${point.connection}-${point.from}-${point.offset}`;
      this.#drawn.push({ point, mark });
    }
  }

  /** @param {import('./facts.js').Stop} stop @param {Side} side @param {number} top @param {number} bottom @param {Element} group */
  #drawStop({ time, from, how }, side, top, bottom, group) {
    const { capture, started } = /** @type {State} */ (this.#state);
    const at = time - capture.clockOffset;
    const x = this.#x(at - started);
    const trouble = how !== "fin";
    const height = trouble ? 12 : 7;
    const lane = from === "server" ? top : bottom;
    group.append(
      svg("line", {
        class: trouble ? "timeline-cut" : "timeline-end",
        x1: x,
        x2: x,
        y1: trouble ? top - height : lane - height,
        y2: trouble ? bottom + height : lane + height,
      }),
    );
    if (!trouble || this.#isSaid(side, at)) return [];
    return [this.#label(endText(from, how), x, "trouble")];
  }

  /** @param {import('./facts.js').Mark} mark @param {Side} side @param {number} bottom @param {Element} group */
  #drawMark({ kind, time, trouble, report }, side, bottom, group) {
    const x = this.#x(time - /** @type {State} */ (this.#state).started);
    if (kind === "open") {
      group.append(svg("circle", { class: "timeline-open", cx: x, cy: bottom, r: 4 }));
      return [];
    }
    const cross = `M${x - 4} ${bottom - 4}l8 8m0 -8l-8 8`;
    group.append(svg("path", { class: "timeline-cross", "data-tone": trouble ? "trouble" : "", d: cross }));
    // An error before a close tells the code nothing that the close does not.
    if (!trouble || (kind === "error" && side === "ws") || this.#isSaid(side, time)) return [];
    return [this.#label(markText(kind, report), x, "trouble")];
  }

  /** Whether a finding speaks of this moment. @param {Side} side @param {number} time */
  #isSaid(side, time) {
    return /** @type {State} */ (this.#state).findings.some(
      (finding) => finding.side === side && Math.abs(finding.from - time) < SAME_MOMENT,
    );
  }

  /** @param {string} text @param {number} x @param {string} tone 'trouble', 'good' or 'note' */
  #label(text, x, tone) {
    const lines = wrap(text, LONGEST_LINE, this.#measure);
    return { x, lines, width: Math.max(...lines.map(this.#measure)), tone };
  }

  /** @param {{x: number, lines: string[], width: number, tone: string}[]} labels @param {number} y @param {Element} group */
  #drawLabels(labels, y, group) {
    const { placed, rows } = place(labels, this.#width - MARGIN);
    for (const { label, left, row, leader } of placed) {
      const top = y + row * ROW;
      if (leader) {
        const end = left < label.x - 1 ? top + 2 : top + label.lines.length * ROW - 2;
        group.append(
          svg("line", {
            class: "timeline-leader",
            "data-tone": label.tone,
            x1: label.x,
            x2: label.x,
            y1: y - 14,
            y2: end,
          }),
        );
      }
      label.lines.forEach((line, i) => {
        group.append(
          svg(
            "text",
            { class: "timeline-words", "data-tone": label.tone, x: left + 5, y: top + (i + 1) * ROW - 5 },
            line,
          ),
        );
      });
    }
    return rows;
  }

  /** @param {number} elapsed in ms */
  #x(elapsed) {
    return MARGIN + (Math.max(0, elapsed) / this.#span) * (this.#width - 2 * MARGIN);
  }

  /** A point in a sentence. @param {Point} point */
  #sentence(point) {
    const { capture, started } = /** @type {State} */ (this.#state);
    const key = `${started} ${capture.clockOffset} ${point.passed?.time ?? point.other}`;
    const said = this.#said.get(point);
    if (said?.key === key) return said.text;
    const text = this.#sentenceOf(point);
    this.#said.set(point, { key, text });
    return text;
  }

  /** @param {Point} point */
  #sentenceOf(point) {
    const { capture, started } = /** @type {State} */ (this.#state);
    const parts = [seconds(point.time - capture.clockOffset - started), word(`viewer.sent.${point.from}`)];
    parts.push(...this.#hopText(point.connection));
    parts.push(
      point.frame.sse?.event
        ? word("timeline.event", { data: short(point.data ?? ""), id: point.id || "–" })
        : frameText(point.frame),
    );
    if (point.passed) {
      parts.push(word("timeline.passed", { ms: (point.passed.time - point.time).toFixed(1) }));
    } else if (point.other !== undefined && point.kind !== "up") {
      parts.push(
        word("timeline.handed", { ms: Math.max(0, point.other - point.time + capture.clockOffset).toFixed(1) }),
      );
    }
    return parts.join(" · ");
  }

  /** Which part of the way a connection is, where there is more than one. @param {number} connection */
  #hopText(connection) {
    const hop = /** @type {State} */ (this.#state).capture.hopOf(connection);
    return hop ? [word(`viewer.hop.${hop}`)] : [];
  }

  /** The same facts as a list of sentences, for readers who can't see the picture. Made when it is opened. */
  #drawList() {
    const state = this.#state;
    if (!this.#list.open || !state || !this.#facts) return;
    /** @type {{time: number, side: Side, text: string}[]} */
    const lines = [];
    for (const side of /** @type {Side[]} */ (["sse", "ws"])) {
      const { marks, stops: inFront } = this.#facts[side];
      const behind = this.#facts.behind[side];
      const points = [...behind.points, ...this.#facts[side].points];
      const stops = [...behind.stops, ...inFront];
      const from = (/** @type {number} */ time) => time - state.capture.clockOffset - state.started;
      for (const point of points.slice(-MOST_IN_LIST))
        lines.push({ time: from(point.time), side, text: this.#sentence(point) });
      for (const stop of stops)
        lines.push({
          time: from(stop.time),
          side,
          text: [seconds(from(stop.time)), ...this.#hopText(stop.connection), endText(stop.from, stop.how)].join(" · "),
        });
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
    this.#list.lastElementChild?.replaceChildren(
      ...lines
        .slice(-MOST_IN_LIST)
        .map(({ side, text }) => element("li", "", `${side === "ws" ? "WebSocket" : "SSE"} · ${text}`)),
    );
  }

  /** @param {Event} event */
  #hovered(event) {
    clearTimeout(this.#rest);
    const index = this.#indexOf(event.target);
    if (/** @type {PointerEvent} */ (event).pointerType === "mouse")
      this.#rest = setTimeout(() => this.#goTo(index), REST);
  }

  /** @param {EventTarget|null} target */
  #indexOf(target) {
    return this.#drawn.findIndex(({ mark }) => target instanceof Node && mark.contains(target));
  }

  /** @param {KeyboardEvent} event */
  #keydown(event) {
    const last = this.#drawn.length - 1;
    /** @type {Record<string, number>} */
    const places = { ArrowLeft: this.#place - 1, ArrowRight: this.#place + 1, Home: 0, End: last };
    if (!(event.key in places) || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    this.#goTo(Math.max(0, Math.min(last, places[event.key])));
  }

  /** Where the selected point is among those that are drawn, or -1. */
  get #place() {
    return this.#drawn.findIndex(({ point }) => point === this.#active);
  }

  /** Selects a point and tells the page. @param {number} index */
  #goTo(index) {
    const { point, mark } = this.#drawn[index] ?? {};
    if (!point || !mark) return;
    this.#drawn[this.#place]?.mark.setAttribute("aria-selected", "false");
    this.#active = point;
    mark.setAttribute("aria-selected", "true");
    this.#points.setAttribute("aria-activedescendant", mark.id);
    const { connection, from, offset } = point;
    this.dispatchEvent(new CustomEvent("select", { detail: { connection, from, offset } }));
  }
}

/** A point's shape: what the code gets is solid, what it never sees is hollow. @param {Point['kind']} kind @param {number} x @param {number} y */
function pointMark(kind, x, y) {
  const mark = svg("g", { class: `timeline-point ${kind}`, transform: `translate(${x.toFixed(1)} ${y})` });
  mark.append(svg("circle", { class: "timeline-target", r: 12 }));
  if (kind === "head") mark.append(svg("rect", { x: -4, y: -4, width: 8, height: 8 }));
  else if (kind === "up") mark.append(svg("path", { d: "M0 -5L5 4H-5Z" }));
  else mark.append(svg("circle", { r: kind === "event" ? 5 : 3.5 }));
  return mark;
}

/** @param {string} from @param {string} how */
function endText(from, how) {
  const known = how === "fin" || how === "reset" ? how : "other";
  return word(`viewer.end.${known}`, { who: word(`viewer.from.${from}`), how });
}

/** @param {string} kind @param {any} report */
function markText(kind, report) {
  if (report.code && kind === "throw") return word(`outcome.${report.code}`, { ...report });
  if (kind === "error" && report.message) return word("timeline.failed", { message: report.message });
  return word(`timeline.${kind}`, {
    code: report.code,
    reason: report.reason,
    message: report.message,
    state: report.readyState,
  });
}

/** @param {number} time in ms */
function seconds(time) {
  return `${(time / 1000).toFixed(3)} s`;
}

/** @param {string} text */
function short(text) {
  return text.length > 80 ? text.slice(0, 80) + "…" : text;
}

/** Measures text in the font of the words. */
function measurer() {
  const context = /** @type {CanvasRenderingContext2D} */ (document.createElement("canvas").getContext("2d"));
  context.font = `600 12px ${getComputedStyle(document.documentElement).getPropertyValue("--sans")}`;
  return (/** @type {string} */ text) => context.measureText(text).width;
}
