// @ts-check
import { latest } from "../../../static/js/lib/finding.js";
import { laneAt, lanes } from "./findings.js";
import { element } from "../../../static/js/lib/dom.js";
import { stepped, ticks } from "../../../static/js/elements/timeline/labels.js";
import { word } from "../../../static/js/lib/words.js";

export { findings } from "./findings.js";

/**
 * @typedef {import("../../../static/js/lib/finding.js").Run} Run
 * @typedef {import("../../../static/js/elements/timeline/timeline.js").Moment} Moment
 * @typedef {import("./findings.js").Lane} Lane
 */

/** @type {("sse"|"ws")[]} */
const bothSides = ["sse", "ws"];

/** At least so much time is shown, in ms. */
const SHORTEST = 1000;

/**
 * Every stream of a run as a bar, one under the other, in place of the timeline:
 * where it waited in the browser, where it was open at the server, and in which
 * connection. All have one axis, and the chosen moment is a line through all.
 *
 * Usage:
 *   <seewire-picture></seewire-picture>
 *
 *   element.show({ capture, reports, controls, started, ended, running, moment });
 *   element.addEventListener('select', ({ detail }) => …);   // {connection, from, offset} of the request whose bar was chosen
 */
export class Picture extends HTMLElement {
  /** It shows the chosen moment. */
  overTime = true;
  /** Where the request of each bar is. @type {WeakMap<Element, NonNullable<Lane["place"]>>} */
  #places = new WeakMap();

  connectedCallback() {
    this.hidden = true;
    this.addEventListener("click", ({ target }) => this.#choose(/** @type {Element} */ (target).closest("li")));
    this.addEventListener("keydown", (event) => this.#keydown(event));
  }

  /** @param {Run & {running: boolean, moment?: Moment}} run */
  show(run) {
    if (run.started === 0) return;
    const all = lanes(run);
    this.hidden = all.sse.length + all.ws.length === 0;
    const until = latest(run);
    const elapsed = until - run.started;
    const time = { started: run.started, until, span: Math.max(SHORTEST, run.running ? stepped(elapsed) : 1.02 * elapsed) };
    const chosen = laneAt(all, run.moment);
    const focused = this.querySelector("button:focus")?.id;
    const drawn = element("div", "lanes-all");
    drawn.append(axis(time, run.moment), ...bothSides.map((side) => this.#side(side, all[side], time, chosen)));
    if (run.moment) drawn.append(line(time, run.moment));
    this.replaceChildren(drawn);
    const buttons = [...this.querySelectorAll("button")];
    const current = buttons.find((button) => button.ariaPressed === "true") ?? buttons[0];
    if (current) current.tabIndex = 0;
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  }

  /** @param {"sse"|"ws"} side @param {Lane[]} list @param {Time} time @param {Lane|undefined} chosen */
  #side(side, list, time, chosen) {
    const box = element("section", "lanes-side");
    box.dataset.side = side;
    box.append(element("h4", "lanes-title", word(side === "sse" ? "picture.six.sse" : "picture.six.ws")));
    const all = element("ol", "lanes-list");
    list.forEach((lane, i) => {
      const made = row(lane, `lane-${side}-${i}`, time, lane === chosen);
      if (lane.place) this.#places.set(made, lane.place);
      all.append(made);
    });
    box.append(all);
    return box;
  }

  /** @param {Element | null} row */
  #choose(row) {
    const place = row && this.#places.get(row);
    if (place) this.dispatchEvent(new CustomEvent("select", { detail: place }));
  }

  /** @param {KeyboardEvent} event */
  #keydown(event) {
    const buttons = [...this.querySelectorAll("button")];
    const now = buttons.indexOf(/** @type {HTMLButtonElement} */ (event.target));
    /** @type {Record<string, number>} */
    const places = { ArrowUp: now - 1, ArrowDown: now + 1, Home: 0, End: buttons.length - 1 };
    if (now < 0 || !(event.key in places) || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const next = buttons[Math.max(0, Math.min(buttons.length - 1, places[event.key]))];
    next.focus();
    this.#choose(next.closest("li"));
  }
}

/** @typedef {{started: number, until: number, span: number}} Time  `until` is where what goes on ends for now */

/** A time's place on the axis. @param {Time} time @param {number} at */
function percent({ started, span }, at) {
  return Math.min(100, Math.max(0, ((at - started) / span) * 100));
}

/** @param {Time} time @param {Moment} [moment] */
function axis(time, moment) {
  const made = element("div", "lanes-axis");
  made.ariaHidden = "true";
  const mark = (/** @type {string} */ look, /** @type {number} */ at, /** @type {string} */ text) => {
    const made = element("span", look, text);
    made.style.insetInlineStart = `${percent(time, at)}%`;
    return made;
  };
  for (const tick of ticks(time.span, 8)) made.append(mark("lanes-tick", time.started + tick, tick === 0 ? "0 s" : String(tick / 1000)));
  if (moment) made.append(mark("lanes-head", moment.at, ((moment.at - time.started) / 1000).toFixed(3)));
  return made;
}

/** The chosen moment, through all bars. @param {Time} time @param {Moment} moment */
function line(time, moment) {
  const box = element("div", "lanes-line");
  const made = element("span", "");
  made.style.insetInlineStart = `${percent(time, moment.at)}%`;
  box.append(made);
  return box;
}

/**
 * @param {Lane} lane
 * @param {string} id
 * @param {Time} time
 * @param {boolean} on whether what is chosen is in it
 */
function row({ tab, asked, there, queued, ended, connection, stream, place }, id, time, on) {
  const made = element("li", "lanes-row");
  made.toggleAttribute("data-queued", queued);
  made.toggleAttribute("data-on", on);
  const name = /** @type {HTMLButtonElement} */ (element("button", "lanes-name", tab === 0 ? word("picture.six.save") : word("picture.six.tab", { tab })));
  name.type = "button";
  name.id = id;
  name.ariaPressed = String(on);
  name.ariaDisabled = String(!place); // nothing of it has been sent
  name.tabIndex = -1;
  const where = connection === undefined ? "" : word(stream ? "picture.six.stream" : "picture.six.connection", { connection, stream });
  const waited = Math.round((there ?? time.until) - asked);
  const open = there === undefined ? 0 : Math.round((ended ?? time.until) - there);
  const bars = element("span", "lanes-bars");
  bars.ariaHidden = "true";
  bars.append(bar("lanes-waited", asked, there ?? time.until), ...(there === undefined ? [] : [bar("lanes-open", there, ended ?? time.until)]));
  const label = element("span", "lanes-where", where);
  bars.append(label);
  label.style.insetInlineStart = `${percent(time, there ?? asked)}%`;
  const key = there === undefined ? "picture.six.waiting" : "picture.six.was";
  name.append(element("span", "visually-hidden", `, ${word(key, { waited, open, where })}`));
  made.append(name, bars);
  return made;

  /** @param {string} look @param {number} from @param {number} to */
  function bar(look, from, to) {
    const made = element("span", look);
    made.style.insetInlineStart = `${percent(time, from)}%`;
    made.style.inlineSize = `${percent(time, to) - percent(time, from)}%`;
    return made;
  }
}
