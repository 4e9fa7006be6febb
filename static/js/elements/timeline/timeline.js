// @ts-check
/**
 * One timeline for both sides of a run. Each side has two lanes: what the
 * server wrote, and when the browser handed that to the code. Where a proxy
 * stands in between, there is one more before them: what the server behind the
 * proxy wrote. Time goes to the right, or downwards where there is little room.
 *
 * Usage:
 *   <seewire-timeline>
 *     <section class="lane" data-side="sse">…</section>    what stands over a side's lanes, if anything
 *   </seewire-timeline>
 *
 *   element.show({
 *     capture,                // lib/capture.js
 *     reports,                // from the worker; may grow between two calls
 *     findings,               // [{side, from, to?, kind: 'gap'|'cut'|'note'|'good', word, args}], epoch ms, browser's clock
 *     running: true,
 *     started,                // epoch ms on the browser's clock
 *     ended,                  // the same, once the run has ended
 *     sides: ["ws"],          // that are drawn; both, if absent
 *     watched: { before },    // no run but an exchange of `seewire watch`; started is so many ms after its begin
 *   });
 *   element.choose({ side, at, connection, from, offset }, finding);
 *   element.addEventListener('select', ({ detail }) => …);   // {connection, from, offset}, {side, at}, or a finding
 *   element.addEventListener('drawn', () => …);              // element.scale is how a picture under it draws the same time
 *
 * 'select' is fired when a mark or a finding is clicked, or the keyboard comes to it.
 */

import { Drawing, isAt } from "./drawing.js";
import { Facts } from "./facts.js";
import { stepped } from "./labels.js";
import { endText, markText, seconds } from "./sentences.js";
import { frameText } from "../frames/summary.js";
import { element, renewed, svg } from "../../lib/dom.js";
import { now } from "../../lib/live.js";
import { untilLoaded } from "../../lib/retry.js";
import { Throttle } from "../../lib/throttle.js";
import { word } from "../../lib/words.js";

/**
 * @typedef {import('../../lib/capture.js').Capture} Capture
 * @typedef {import('../../lib/capture.js').Side} Side
 * @typedef {import('../../lib/capture.js').From} From
 * @typedef {import('./facts.js').Point} Point
 * @typedef {import('../../lib/finding.js').Finding} Finding
 * @typedef {{capture: Capture, reports: any[], findings: Finding[], running: boolean, started: number, ended?: number, sides?: Side[], watched?: {before: number}}} State
 * @typedef {{side: Side, at: number, connection: number, from: From, offset: number, stream?: number}} Moment  at: epoch ms on the browser's clock
 * @typedef {import('./drawing.js').Thing} Thing
 * @typedef {{left: number, width: number, span: number}} Scale  px from the element's edge, and ms
 */

// Sizes in pixels.
const NARROWEST = 560; // below this time goes downwards
const PER_SECOND = 12; // at least, to the right
const DOWN_PER_SECOND = 58;
const SHORTEST = 320; // downwards
const LONGEST = 720;
const OTHERS = 292; // what else has to be seen with it: the head of the page, Run, the sides' titles, the strip at the foot
const SHORTEST_RUNNING = 200; // a run's first seconds, so that its events are in view
const MARGIN = 16;
const NEAR = 12; // a point is pointed at from here

/** How often new facts are drawn, in ms. */
const DRAW_EVERY = 120;

export class SeewireTimeline extends HTMLElement {
  /** @type {State|undefined} */
  #state;
  /** @type {Facts|undefined} */
  #facts;
  /** @type {Drawing|undefined} */
  #drawing;
  #frame = element("div", "timeline-frame");
  #names = element("div", "timeline-names");
  #box = element("div", "timeline-box");
  #svg = svg("svg", { role: "group", "aria-label": word("timeline.label") });
  #cursor = svg("line", { class: "timeline-now" });
  #points = svg("g", { role: "listbox", tabindex: 0, "aria-label": word("timeline.points") });
  #tip = element("p", "timeline-tip");
  #list = /** @type {HTMLDetailsElement} */ (element("details", "timeline-list"));
  /** It comes when the list is opened first. @type {typeof import("./list.js").itemsOf | undefined} */
  #itemsOf;
  /** What is selected, by whoever it was. @type {Moment|undefined} */
  #chosen;
  /** What is said of it. @type {Finding|undefined} */
  #finding;
  /** What the keyboard is at. @type {Thing|undefined} */
  #active;
  /** What each thing is drawn as, in their order. @type {Map<Thing, SVGElement>} */
  #marks = new Map();
  #span = 0;
  #length = NARROWEST;
  #throttle = new Throttle(() => this.#draw(), DRAW_EVERY);
  #tick = 0;
  // Kept here, because asking the document for them makes it lay itself out.
  #width = 0;
  #namesWidth = 0;
  #boxWidth = 0;
  #boxLeft = 0;
  #scrolled = false;
  #still = matchMedia("(prefers-reduced-motion: reduce)");
  #changed = () => this.#throttle.schedule();
  /** What is said of a point, until more is known of it. @type {WeakMap<Point, {key: string, text: string}>} */
  #said = new WeakMap();
  #type = 1;
  #measure = measurer(1);

  connectedCallback() {
    if (this.#frame.isConnected) return;
    this.#type = Number(getComputedStyle(this).getPropertyValue("--timeline-type")) || 1;
    if (this.#type !== 1) this.#measure = measurer(this.#type);
    this.#names.setAttribute("aria-hidden", "true");
    this.#tip.setAttribute("aria-hidden", "true");
    this.#tip.hidden = true;
    this.#svg.append(svg("g", {}), this.#cursor, this.#points);
    this.#box.append(this.#svg, this.#tip);
    const sentences = element("ol", "");
    sentences.tabIndex = 0; // it scrolls, so the keyboard must get to it
    this.#list.append(element("summary", "", word("timeline.list")), sentences);
    this.#frame.append(this.#names, this.#box);
    this.append(this.#frame, this.#list);

    this.#list.addEventListener("toggle", async () => {
      this.#itemsOf ??= (await untilLoaded(() => import("./list.js"))).itemsOf;
      this.#drawList();
    });
    this.#box.addEventListener("pointerdown", () => (this.#scrolled = true));
    this.#box.addEventListener("pointermove", (event) => this.#pointed(event));
    this.#box.addEventListener("pointerleave", () => this.#hideTip());
    this.#box.addEventListener("click", (event) => this.#clicked(event));
    this.#points.addEventListener("keydown", (event) => this.#keydown(/** @type {KeyboardEvent} */ (event)));
    this.#points.addEventListener("focus", () => this.#points.matches(":focus-visible") && this.#goTo(Math.max(0, this.#place)));
    this.#points.addEventListener("blur", () => this.#hideTip());
    this.#box.addEventListener("scroll", () => (this.#boxLeft = this.#box.scrollLeft), { passive: true });
    const observer = new ResizeObserver((entries) => {
      for (const { target, contentRect } of entries) {
        if (target === this) this.#width = contentRect.width;
        else if (target === this.#names) this.#namesWidth = contentRect.width;
        else this.#boxWidth = contentRect.width;
      }
      this.#throttle.schedule();
    });
    for (const measured of [this.#names, this.#box, this]) observer.observe(measured);
  }

  disconnectedCallback() {
    cancelAnimationFrame(this.#tick);
    this.#throttle.cancel();
    this.#tick = 0;
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
      this.#chosen = undefined;
      this.#finding = undefined;
      this.#scrolled = false;
    }
    this.#state = state;
    this.#throttle.schedule();
    if (state.running && this.#tick === 0 && !this.#still.matches) this.#tick = requestAnimationFrame(() => this.#goOn());
  }

  /** Marks a moment, and what is said of it. @param {Moment|undefined} moment @param {Finding} [finding] */
  choose(moment, finding) {
    this.#chosen = moment;
    this.#finding = finding;
    this.#drawing?.choose(moment, finding);
    const drawn = moment && this.#drawing?.points.find(({ thing }) => isAt(thing, moment));
    if (drawn) this.#activate(drawn.thing);
    if (this.#state && !this.#state.running && !this.#scrolled) this.#scrollToTrouble(this.#state);
    this.dispatchEvent(new Event("drawn"));
  }

  /** Has the keyboard go on from something that is drawn. @param {Thing} thing */
  #activate(thing) {
    if (this.#active) this.#marks.get(this.#active)?.setAttribute("aria-selected", "false");
    this.#active = thing;
    this.#marks.get(thing)?.setAttribute("aria-selected", "true");
  }

  /** How time is drawn, for a picture with the same axis; undefined where it goes downwards. @returns {Scale|undefined} */
  get scale() {
    if (!this.#drawing || this.#down || this.#length > this.#boxWidth) return undefined;
    const left = this.#drawing.along(0);
    return { left: left + this.#namesWidth, width: this.#drawing.along(this.#span) - left, span: this.#span };
  }

  /** What passed the server and was handed to the code in a report. @param {any} report */
  pointOf(report) {
    return this.#learn()?.[/** @type {Side} */ (report.side)].points.findLast((point) => point.report === report);
  }

  /** The last thing handed to the code that a row of the frames holds. @param {Side} side @param {import('../../lib/framerows.js').Row} row */
  pointIn(side, { connection, from, offset, length }) {
    return this.#learn()?.[side].points.findLast(
      (point) => point.report && point.connection === connection && point.from === from && point.offset >= offset && point.offset < offset + length,
    );
  }

  /** Moves the line that says now; nothing else moves by itself. */
  #goOn() {
    this.#tick = 0;
    if (!this.#state?.running || this.#still.matches) {
      this.#cursor.setAttribute("visibility", "hidden");
      return;
    }
    const elapsed = now() - this.#state.started;
    if (elapsed > this.#span) this.#throttle.schedule();
    else this.#moveCursor(elapsed);
    this.#tick = requestAnimationFrame(() => this.#goOn());
  }

  get #down() {
    return this.#width < NARROWEST;
  }

  /** @param {number} elapsed */
  #moveCursor(elapsed) {
    const along = this.#drawing?.along(elapsed) ?? 0;
    this.#cursor.setAttribute("visibility", "visible");
    this.#cursor.setAttribute("transform", this.#down ? `translate(0 ${along.toFixed(1)})` : `translate(${along.toFixed(1)} 0)`);
    if (this.#down || this.#scrolled || along < this.#boxLeft + this.#boxWidth - 2 * MARGIN) return;
    this.#boxLeft = Math.min(along - this.#boxWidth / 2, this.#length - this.#boxWidth);
    this.#box.scrollLeft = this.#boxLeft;
  }

  /** What the state says by now. */
  #learn() {
    if (!this.#state) return undefined;
    const { capture, reports } = this.#state;
    if (!this.#facts?.continues(capture, reports)) this.#facts = new Facts(capture);
    this.#facts.update(reports);
    return this.#facts;
  }

  #draw() {
    const state = this.#state;
    const facts = this.#learn();
    if (!state || !facts || !this.isConnected || this.#width === 0) return;
    const down = this.#down;
    this.toggleAttribute("down", down);
    this.#span = this.#spanOf(state);
    const second = this.#span / 1000;
    this.#length = down
      ? Math.min(LONGEST, innerHeight - OTHERS, Math.max(state.running ? SHORTEST_RUNNING : SHORTEST, second * DOWN_PER_SECOND))
      : Math.max(this.#boxWidth, Math.round(second * PER_SECOND));
    const drawing = new Drawing({
      state,
      facts,
      span: this.#span,
      down,
      length: this.#length,
      across: this.#width,
      titled: this.querySelector(".lane") !== null,
      measure: this.#measure,
      type: this.#type,
    });
    drawing.choose(this.#chosen, this.#finding);
    this.#drawing = drawing;
    this.querySelector(".timeline-loading")?.remove();
    const [width, height] = down ? [this.#width, Math.max(this.#length, drawing.end)] : [this.#length, drawing.depth];
    renewed(this.#svg, "svg", { width, height, viewBox: `0 0 ${width} ${height}` });
    const names = [...this.#names.children];
    if (drawing.names.length !== names.length || names.some((name, i) => !name.isEqualNode(drawing.names[i]))) this.#names.replaceChildren(...drawing.names);
    for (const [side, y] of Object.entries(drawing.heads)) this.style.setProperty(`--${side}-head`, `${y}px`);
    renewed(this.#cursor, "line", down ? { x1: 30, x2: width, y1: 0, y2: 0 } : { x1: 0, x2: 0, y1: 16, y2: height });
    if (!state.running || this.#still.matches) this.#cursor.setAttribute("visibility", "hidden");
    this.#svg.firstChild?.replaceWith(drawing.picture); // the points stay, with the focus that they may have

    this.#drawMarks(drawing.points);
    this.#drawList();
    if (!state.running && !this.#scrolled) this.#scrollToTrouble(state);
    this.dispatchEvent(new Event("drawn"));
  }

  /** Draws the marks that are new; of the others most stay as they are. @param {import('./drawing.js').Drawn[]} points */
  #drawMarks(points) {
    const before = this.#marks;
    this.#marks = new Map(
      points.map(({ thing, side, look: [name, attributes] }, i) => {
        const mark = renewed(before.get(thing), name, {
          ...attributes,
          role: "option",
          "aria-selected": String(thing === this.#active),
          "aria-label": this.#sayThing(thing),
          "data-side": side,
          id: "offset" in thing ? `timeline-${thing.connection}-${thing.from}-${thing.offset}` : `timeline-${i}`,
        });
        return [thing, mark];
      }),
    );
    for (const [thing, mark] of before) if (this.#marks.get(thing) !== mark) mark.remove();
    let next = this.#points.firstChild;
    for (const mark of this.#marks.values()) {
      if (mark === next) next = mark.nextSibling;
      else this.#points.insertBefore(mark, next);
    }
    this.#points.toggleAttribute("hidden", points.length === 0);
  }

  /** Where not all of a finished run has room, what was chosen or went wrong is what to show of it. @param {State} state */
  #scrollToTrouble({ findings, started }) {
    const shown = this.#chosen?.at ?? findings.find(({ kind }) => kind === "gap" || kind === "cut")?.from;
    const wanted = shown && !this.#down ? (this.#drawing?.along(shown - started) ?? 0) - 0.4 * this.#boxWidth : 0;
    const left = Math.max(0, Math.min(wanted, this.#length - this.#boxWidth)); // no farther than it goes
    if (left === this.#boxLeft) return; // scrolling makes the document lay itself out
    this.#boxLeft = this.#box.scrollLeft = left;
  }

  /**
   * How much time is shown, in ms. It ends with the run: an idle connection may
   * be closed minutes later.
   * @param {State} state
   */
  #spanOf({ capture, reports, findings, running, started, ended = Infinity }) {
    let last = reports.at(-1)?.at ?? started;
    const { sse, ws, behind } = this.#facts ?? {};
    for (const { points, stops } of [sse, ws, behind?.sse, behind?.ws].filter((side) => side !== undefined)) {
      for (const { time } of [points.at(-1), stops.at(-1)].filter((it) => it !== undefined)) {
        const at = time - capture.clockOffset;
        if (at <= ended) last = Math.max(last, at);
      }
    }
    for (const { from, to } of findings) last = Math.max(last, Math.min(to ?? from, ended));
    if (started === 0) return 5000;
    return running ? stepped(Math.max(now(), last) - started) : Math.max(400, 1.02 * (last - started));
  }

  /** Anything that is drawn, in a sentence. @param {Thing} thing */
  #sayThing(thing) {
    const { capture, started } = /** @type {State} */ (this.#state);
    if ("frame" in thing) return this.#sentence(thing);
    if ("how" in thing) return this.#sayStop(thing, thing.time - capture.clockOffset - started);
    return [seconds(thing.time - started), markText(thing.kind, thing.report)].join(" · ");
  }

  /** @param {import('./facts.js').Stop} stop @param {number} time */
  #sayStop({ connection, from, how }, time) {
    return [seconds(time), ...this.#hopText(connection), endText(from, how)].join(" · ");
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
    const { capture } = /** @type {State} */ (this.#state);
    const hop = capture.hopOf(connection) || capture.front;
    return hop ? [word(`viewer.hop.${hop}`)] : [];
  }

  /** The same facts in a list, while it is open. */
  #drawList() {
    if (!this.#list.open || !this.#itemsOf || !this.#state || !this.#facts) return;
    const items = this.#itemsOf(this.#facts, this.#state, (point) => this.#sentence(point), (stop, time) => this.#sayStop(stop, time));
    this.#list.lastElementChild?.replaceChildren(...items);
  }

  /** The point nearest to the pointer, if one is near. @param {MouseEvent} event */
  #nearest({ clientX, clientY }) {
    const box = this.#svg.getBoundingClientRect();
    const [x, y] = [clientX - box.left, clientY - box.top];
    let nearest;
    let least = NEAR;
    for (const drawn of this.#drawing?.points ?? []) {
      const distance = Math.hypot(drawn.x - x, drawn.y - y);
      if (distance > least) continue;
      least = distance;
      nearest = drawn;
    }
    return nearest;
  }

  /** @param {PointerEvent} event */
  #pointed(event) {
    if (event.pointerType !== "mouse") return;
    const nearest = this.#nearest(event);
    const finding = this.#findingAt(event);
    if (nearest) this.#showTip(this.#sayThing(nearest.thing), nearest.x, nearest.y);
    else this.#hideTip();
    this.#box.style.cursor = nearest || finding ? "pointer" : "";
  }

  /** @param {Event} event @returns {Finding|undefined} */
  #findingAt({ target }) {
    const said = /** @type {Element} */ (target).closest("[data-finding]");
    return said instanceof SVGElement ? this.#state?.findings[Number(said.dataset.finding)] : undefined;
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    const nearest = this.#nearest(event);
    const finding = this.#findingAt(event);
    if (nearest) this.#goTo(this.#drawing?.points.indexOf(nearest) ?? -1);
    else if (finding) this.dispatchEvent(new CustomEvent("select", { detail: finding }));
  }

  /** @param {string} text @param {number} x @param {number} y */
  #showTip(text, x, y) {
    this.#tip.textContent = text;
    this.#tip.hidden = false;
    const room = this.#boxLeft + this.#boxWidth - this.#tip.offsetWidth - 4;
    this.#tip.style.left = `${Math.max(this.#boxLeft + 4, Math.min(x + 10, room))}px`;
    this.#tip.style.top = `${y > 60 ? y - this.#tip.offsetHeight - 10 : y + 12}px`;
  }

  #hideTip() {
    this.#tip.hidden = true;
  }

  /** @param {KeyboardEvent} event */
  #keydown(event) {
    const last = (this.#drawing?.points.length ?? 0) - 1;
    const [back, on] = this.#down ? ["ArrowUp", "ArrowDown"] : ["ArrowLeft", "ArrowRight"];
    /** @type {Record<string, number>} */
    const places = { [back]: this.#place - 1, [on]: this.#place + 1, Home: 0, End: last };
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Enter") this.dispatchEvent(new CustomEvent("enter"));
    if (!(event.key in places)) return;
    event.preventDefault();
    this.#goTo(Math.max(0, Math.min(last, places[event.key])));
  }

  /** Where the selected point is among those that are drawn, or -1. */
  get #place() {
    return this.#drawing?.points.findIndex(({ thing }) => thing === this.#active) ?? -1;
  }

  /** Selects a point and tells the page. @param {number} index */
  #goTo(index) {
    const drawn = this.#drawing?.points[index];
    if (!drawn) return;
    const { thing, side, at, x, y } = drawn;
    this.#activate(thing);
    this.#points.setAttribute("aria-activedescendant", this.#marks.get(thing)?.id ?? "");
    const detail = "connection" in thing ? { connection: thing.connection, from: thing.from, offset: "how" in thing ? Infinity : thing.offset } : { side, at };
    this.dispatchEvent(new CustomEvent("select", { detail }));
    this.#active = thing; // what the browser told the code has the frame nearest to it chosen
    if (this.#points.matches(":focus-visible")) this.#showTip(this.#sayThing(thing), x, y);
  }
}

/** @param {string} text */
function short(text) {
  return text.length > 80 ? text.slice(0, 80) + "…" : text;
}

/** Measures text in the font of the words. @param {number} type */
function measurer(type) {
  const family = getComputedStyle(document.documentElement).getPropertyValue("--sans");
  const [regular, semibold] = [400, 600].map((weight) => {
    const context = /** @type {CanvasRenderingContext2D} */ (document.createElement("canvas").getContext("2d"));
    context.font = `${weight} ${12 * type}px ${family}`;
    return context;
  });
  return (/** @type {string} */ text, /** @type {boolean} */ bold) => (bold ? semibold : regular).measureText(text).width;
}
