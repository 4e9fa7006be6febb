// @ts-check
/**
 * The wave of clients that come back after a restart, under the timeline and on
 * its axis: for each side a bar for every 200 ms, and how many are connected;
 * and the runs so far in numbers.
 *
 * Usage:
 *   <seewire-picture></seewire-picture>
 *
 *   element.show({
 *     reports,   // of the run; may grow between two calls
 *     started,   // epoch ms on the browser's clock
 *     running: true,
 *     scale,     // of the timeline; absent where time goes downwards there
 *     moment,    // what is chosen, if anything
 *   });
 *   element.addEventListener('select', ({ detail }) => …);   // {side, at, after}: when, and the report that told of it
 */

import { element, svg } from "../../../static/js/lib/dom.js";
import { Throttle } from "../../../static/js/lib/throttle.js";
import { sampled, spanOf, waveOf } from "./wave.js";
import { word } from "../../../static/js/lib/words.js";
import { ticks } from "../../../static/js/elements/timeline/labels.js";

export { findings } from "./findings.js";

/**
 * @typedef {object} State
 * @property {import("../../../static/js/lib/sandbox.js").Report[]} reports
 * @property {number} started
 * @property {boolean} running
 * @property {import("../../../static/js/elements/timeline/timeline.js").Scale} [scale]
 * @property {import("../../../static/js/elements/timeline/timeline.js").Moment} [moment]
 */

// Sizes in pixels.
const HEIGHT = 46; // of a side
const TOP = 15;
const LEFT = 76; // where the timeline has no axis that it shares
const RIGHT = 12;
const AXIS = 22;
const DRAW_EVERY = 200; // ms

/** The length of time that is shown at least, in ms. */
const SHORTEST = 8000;

/** How many runs the table keeps. */
const KEPT = 8;

/** What is drawn, and the keys of its words. */
const KEYS = { taken: "picture.many.taken", refused: "picture.many.refused", connected: "picture.many.connected" };

/** The heads of the table's columns. */
const COLUMNS = [
  "picture.many.column.how",
  "picture.many.column.side",
  "picture.many.column.back",
  "picture.many.column.attempts",
  "picture.many.column.peak",
  "picture.many.column.refused",
];

/** @type {("sse"|"ws")[]} */
const bothSides = ["sse", "ws"];

export class Picture extends HTMLElement {
  /** It shows the chosen moment, on the timeline's axis. */
  overTime = true;
  /** @type {State} */
  #state = { reports: [], started: 0, running: false };
  #svg = svg("svg", { role: "img" });
  #runs = element("details", "wave-runs");
  #body = document.createElement("tbody");
  #noted = 0;
  #width = 0;
  #throttle = new Throttle(() => this.#draw(), DRAW_EVERY);

  connectedCallback() {
    if (this.firstChild !== null) return;
    const legend = element("div", "wave-legend");
    for (const [part, name] of Object.entries(KEYS)) {
      const key = element("span", "wave-key", word(name));
      key.dataset.key = part;
      legend.append(key);
    }
    this.#runs.hidden = true;
    const scroller = element("div", "wave-table");
    scroller.tabIndex = 0; // it may scroll, so the keyboard must get to it
    scroller.setAttribute("role", "region");
    scroller.setAttribute("aria-label", word("picture.many.runs"));
    scroller.append(this.#table());
    this.#runs.append(element("summary", "", word("picture.many.runs")), scroller);
    this.#say(bothSides.map((side) => waveOf([], side)));
    legend.append(this.#runs);
    this.append(legend, this.#svg);
    new ResizeObserver(([entry]) => {
      this.#width = entry.contentRect.width;
      this.#throttle.schedule();
    }).observe(this);
  }

  disconnectedCallback() {
    this.#throttle.cancel();
  }

  /** @param {State} state */
  show(state) {
    this.#state = state;
    this.#throttle.schedule();
  }

  #table() {
    const table = document.createElement("table");
    const head = document.createElement("tr");
    for (const name of COLUMNS) {
      const cell = document.createElement("th");
      cell.scope = "col";
      cell.textContent = word(name);
      head.append(cell);
    }
    const top = document.createElement("thead");
    top.append(head);
    table.append(top, this.#body);
    return table;
  }

  #draw() {
    if (this.#width === 0) return;
    const { reports, started, scale, moment } = this.#state;
    const waves = bothSides.map((side) => waveOf(reports, side));
    const last = waves.map(({ samples, began }) => (samples.at(-1)?.at ?? 0) + began - started);
    const span = scale?.span ?? Math.max(SHORTEST, ...last.filter(Number.isFinite));
    const most = Math.max(10, ...waves.flatMap(({ samples }) => samples.map(({ attempts, refused, connected }) => Math.max(attempts, refused, connected))));
    const height = 2 * HEIGHT + (scale ? 4 : AXIS);
    for (const [name, value] of Object.entries({ width: this.#width, height, viewBox: `0 0 ${this.#width} ${height}` })) {
      this.#svg.setAttribute(name, String(value));
    }
    const left = scale?.left ?? LEFT;
    const right = scale ? left + scale.width : this.#width - RIGHT;
    /** A moment of the browser's clock. */
    const x = (/** @type {number} */ at) => left + ((at - started) / span) * (right - left);

    this.#svg.replaceChildren(
      ...waves.flatMap((wave, i) => this.#lane(wave, bothSides[i], i * HEIGHT, (at) => x(wave.began + at), most, left, right)),
      ...(scale ? [] : this.#axis(span, (at) => x(started + at), 2 * HEIGHT)),
    );
    if (moment) this.#svg.append(svg("line", { class: "wave-head", x1: x(moment.at), x2: x(moment.at), y1: 0, y2: 2 * HEIGHT }));
    this.#say(waves);
    this.#note(waves);
  }

  /** Describes the picture for a screen reader. @param {import("./wave.js").Wave[]} waves */
  #say(waves) {
    this.#svg.setAttribute("aria-label", waves.map((wave, i) => sentence(wave, bothSides[i])).join(" "));
  }

  /**
   * @param {import("./wave.js").Wave} wave
   * @param {"sse"|"ws"} side
   * @param {number} top
   * @param {(at: number) => number} x
   * @param {number} most
   * @param {number} left
   * @param {number} right
   */
  #lane(wave, side, top, x, most, left, right) {
    const floor = top + HEIGHT - 4;
    const y = (/** @type {number} */ count) => floor - (count / most) * (HEIGHT - TOP - 4);
    const group = svg("g", { "data-side": side });
    wave.samples.forEach(({ at, server }, i) => {
      if (server === "up") return;
      const until = wave.samples[i + 1]?.at ?? at + sampled;
      const box = { x: x(at), y: top + TOP, width: x(until) - x(at), height: floor - top - TOP };
      group.append(svg("rect", { class: `wave-${server}`, ...box }));
    });
    for (const { at, attempts, refused } of wave.samples) {
      const width = Math.max(1, x(at) - x(at - sampled) - 1);
      const begin = x(at - sampled);
      // On a busy machine an attempt may be turned away in the sample after it.
      const taken = Math.max(0, attempts - refused);
      const bar = (/** @type {string} */ name, /** @type {number} */ from, /** @type {number} */ to) => {
        if (to > from) group.append(svg("rect", { class: name, x: begin, y: y(to), width, height: y(from) - y(to) }));
      };
      bar("wave-taken", 0, taken);
      bar("wave-refused", taken, taken + refused);
    }
    const points = wave.samples.map(({ at, connected }) => `${x(at).toFixed(1)},${y(connected).toFixed(1)}`).join(" ");
    group.append(
      svg("line", { class: "wave-floor", x1: left, x2: right, y1: floor, y2: floor }),
      svg("polyline", { class: "wave-connected", points }),
      svg("text", { class: "wave-name", x: 12, y: top + 12 }, word(`side.${side}`)),
      svg("text", { class: "wave-number", x: left - 6, y: y(most) + 8, "text-anchor": "end" }, String(most)),
      svg("text", { class: "wave-number", x: left - 6, y: floor + 2, "text-anchor": "end" }, "0"),
    );
    if (wave.peak) {
      const text = word("picture.many.peak", { attempts: wave.peak.attempts, ms: spanOf(wave.samples, wave.peak) });
      const at = Math.min(x(wave.peak.at) + 6, right - 90);
      group.append(svg("text", { class: "wave-words", x: at, y: top + 12 }, text));
    }
    for (const [sample, report] of wave.told) group.append(this.#sample(sample, side, report, x, top));
    return [group];
  }

  /**
   * What says of a sample what it is, and leads to the message that brought it.
   * @param {import("./wave.js").Sample} sample
   * @param {"sse"|"ws"} side
   * @param {import("../../../static/js/lib/sandbox.js").Report} report
   * @param {(at: number) => number} x
   * @param {number} top
   */
  #sample({ at, attempts, refused, connected }, side, report, x, top) {
    const made = svg("rect", { class: "wave-sample", x: x(at - sampled), y: top + TOP, width: Math.max(1, x(at) - x(at - sampled)), height: HEIGHT - TOP - 4 });
    const counts = { taken: Math.max(0, attempts - refused), refused, connected };
    const parts = Object.entries(counts).map(([part, count]) => `${word(KEYS[/** @type {keyof typeof KEYS} */ (part)])}: ${count}`);
    made.append(svg("title", {}, parts.join(" · ")));
    made.addEventListener("click", () => this.dispatchEvent(new CustomEvent("select", { detail: { side, at: report.at, after: report } })));
    return made;
  }

  /** @param {number} span @param {(at: number) => number} x @param {number} top */
  #axis(span, x, top) {
    return ticks(span, this.#width / 70).map((at) =>
      svg("text", { class: "wave-number", x: x(at), y: top + 15, "text-anchor": "middle" }, `${at / 1000} s`),
    );
  }

  /** Adds a run that has ended to the table, once. @param {import("./wave.js").Wave[]} waves */
  #note(waves) {
    const { running, started } = this.#state;
    if (running || started === 0 || started === this.#noted) return;
    const rows = waves.flatMap((wave, i) => (wave.restart === undefined ? [] : [rowOf(wave, bothSides[i])]));
    if (rows.length === 0) return;
    this.#noted = started;
    this.#runs.hidden = false;
    this.#body.append(...rows);
    while (this.#body.rows.length > 2 * KEPT) this.#body.deleteRow(0);
  }
}

/**
 * A side of a run, in one sentence.
 * @param {import("./wave.js").Wave} wave
 * @param {"sse"|"ws"} side
 */
function sentence({ restart, clients, attempts, refused, peak, back }, side) {
  if (restart === undefined) return word("picture.many.sentence.none", { side: word(`side.${side}`) });
  const args = { side: word(`side.${side}`), clients, attempts, refused, peak: peak?.attempts ?? 0 };
  const after = back ? ((back.at - restart) / 1000).toFixed(1) : "";
  return word(back ? "picture.many.sentence.back" : "picture.many.sentence.out", { ...args, seconds: after });
}

/**
 * @param {import("./wave.js").Wave} wave
 * @param {"sse"|"ws"} side
 */
function rowOf({ samples, clients, restart = 0, attempts, refused, peak, back }, side) {
  const last = samples[samples.length - 1];
  const out = clients - last.connected;
  const row = document.createElement("tr");
  row.dataset.side = side;
  const after = back && last.gone === 0 ? word("picture.many.seconds", { seconds: ((back.at - restart) / 1000).toFixed(1) }) : word("picture.many.never", { clients: out });
  for (const text of [chosen(), word(`side.${side}`), after, attempts, peak?.attempts ?? 0, refused]) {
    row.insertCell().textContent = String(text);
  }
  return row;
}

/** What the run was set to, in the words of the page's own controls. */
function chosen() {
  const selects = /** @type {NodeListOf<HTMLSelectElement>} */ (document.querySelectorAll("seewire-playground [data-control] select"));
  const list = [...selects].filter(({ name, value }) => name === "policy" || changed(name, value));
  return list.map(({ selectedOptions }) => selectedOptions[0].textContent).join(word("picture.many.comma"));
}

/** @param {string} name @param {string} value */
function changed(name, value) {
  const control = /** @type {HTMLElement | null} */ (document.querySelector(`seewire-playground [data-control="${name}"]`));
  return control?.dataset.default !== value;
}
