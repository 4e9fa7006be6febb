// @ts-check
/**
 * The wave of clients that come back after a restart: for each side a bar for
 * every 200 ms, and how many are connected; below, the runs so far in numbers.
 *
 * Usage:
 *   <seewire-picture></seewire-picture>
 *
 *   element.show({
 *     reports,   // of the run; may grow between two calls
 *     started,   // epoch ms on the browser's clock
 *     running: true,
 *   });
 */

import { element, svg } from "../../../static/js/lib/dom.js";
import { Throttle } from "../../../static/js/lib/throttle.js";
import { sampled, waveOf } from "./wave.js";
import { word } from "../../../static/js/lib/words.js";
import { ticks } from "../../../static/js/elements/timeline/labels.js";

export { findings } from "./findings.js";

/** @typedef {{reports: import("../../../static/js/lib/sandbox.js").Report[], started: number, running: boolean}} State */

// Sizes in pixels.
const HEIGHT = 120; // of a side
const TOP = 22;
const LEFT = 44;
const RIGHT = 12;
const AXIS = 22;
const DRAW_EVERY = 200; // ms

/** The length of time that is shown at least, in ms. */
const SHORTEST = 8000;

/** How many runs the table keeps. */
const KEPT = 8;

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
  /** @type {State} */
  #state = { reports: [], started: 0, running: false };
  #svg = svg("svg", { role: "img" });
  #runs = element("div", "wave-runs");
  #body = document.createElement("tbody");
  #noted = 0;
  #width = 0;
  #throttle = new Throttle(() => this.#draw(), DRAW_EVERY);

  connectedCallback() {
    if (this.firstChild !== null) return;
    const legend = element("p", "wave-legend");
    for (const [part, name] of Object.entries({ taken: "picture.many.taken", refused: "picture.many.refused", connected: "picture.many.connected" })) {
      const key = element("span", "wave-key", word(name));
      key.dataset.key = part;
      legend.append(key);
    }
    this.#runs.hidden = true;
    this.#runs.tabIndex = 0; // it may scroll, so the keyboard must get to it
    this.#runs.setAttribute("role", "region");
    this.#runs.setAttribute("aria-label", word("picture.many.runs"));
    this.#runs.append(this.#table());
    this.#say(bothSides.map((side) => waveOf([], side)));
    this.append(legend, this.#svg, this.#runs);
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
    table.append(element("caption", "", word("picture.many.runs")));
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
    const waves = bothSides.map((side) => waveOf(this.#state.reports, side));
    const span = Math.max(SHORTEST, ...waves.map(({ samples }) => samples.at(-1)?.at ?? 0));
    const most = Math.max(10, ...waves.flatMap(({ samples }) => samples.map(({ attempts, refused, connected }) => Math.max(attempts, refused, connected))));
    const height = 2 * HEIGHT + AXIS;
    for (const [name, value] of Object.entries({ width: this.#width, height, viewBox: `0 0 ${this.#width} ${height}` })) {
      this.#svg.setAttribute(name, String(value));
    }
    const right = this.#width - RIGHT;
    const x = (/** @type {number} */ at) => LEFT + (at / span) * (right - LEFT);

    this.#svg.replaceChildren(
      ...waves.flatMap((wave, i) => this.#lane(wave, bothSides[i], i * HEIGHT, x, most, right)),
      ...this.#axis(span, x, 2 * HEIGHT),
    );
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
   * @param {number} right
   */
  #lane(wave, side, top, x, most, right) {
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
      const left = x(at - sampled);
      // On a busy machine an attempt may be turned away in the sample after it.
      const taken = Math.max(0, attempts - refused);
      const bar = (/** @type {string} */ name, /** @type {number} */ from, /** @type {number} */ to) => {
        if (to > from) group.append(svg("rect", { class: name, x: left, y: y(to), width, height: y(from) - y(to) }));
      };
      bar("wave-taken", 0, taken);
      bar("wave-refused", taken, taken + refused);
    }
    const points = wave.samples.map(({ at, connected }) => `${x(at).toFixed(1)},${y(connected).toFixed(1)}`).join(" ");
    group.append(
      svg("line", { class: "wave-floor", x1: LEFT, x2: right, y1: floor, y2: floor }),
      svg("polyline", { class: "wave-connected", points }),
      svg("text", { class: "wave-name", x: 0, y: top + 14 }, word(`side.${side}`)),
      svg("text", { class: "wave-number", x: LEFT - 6, y: y(most) + 4, "text-anchor": "end" }, String(most)),
      svg("text", { class: "wave-number", x: LEFT - 6, y: floor + 4, "text-anchor": "end" }, "0"),
    );
    if (wave.peak) {
      const text = word("picture.many.peak", { attempts: wave.peak.attempts });
      const at = Math.min(x(wave.peak.at) + 6, right - 90);
      group.append(svg("text", { class: "wave-words", x: at, y: top + 14 }, text));
    }
    return [group];
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
    this.#runs.scrollTop = this.#runs.scrollHeight;
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
