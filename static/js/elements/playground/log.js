// @ts-check
import { element } from "../../lib/dom.js";
import { Throttle } from "../../lib/throttle.js";
import { hasWord, word } from "../../lib/words.js";

/**
 * @typedef {import("../../lib/sandbox.js").Report} Report
 * @typedef {import("../../lib/capture.js").Side} Side
 */

/** Lines of a side that are kept on the page; the oldest go first. */
const kept = 500;

/** How often new lines are put on the page, in ms. */
const drawEvery = 30;

/** Reports of what the program did, not of what it was told. */
const ownKinds = ["log", "report", "throw", "elsewhere"];

/** A line this near to a moment, in ms, is what the program did at it. */
const sameMoment = 150;

/**
 * What the programs logged, with times. However many lines there are, the page
 * has time for the rest. Fires "choose" on its box when a
 * line is clicked, with the line's side and time, and with the report of what the
 * program was told before it.
 */
export class Log {
  #box;
  #empty;
  #place;
  #started = 0;
  #gone = 0;
  /** @type {HTMLElement[]} */
  #waiting = [];
  /** The line of each side that counts what was left out, while nothing comes after it. @type {Map<Side, {count: number, line: HTMLElement}>} */
  #floods = new Map();
  /** What a side's program was told last. @type {Map<Side, Report>} */
  #told = new Map();
  /** What each line came after. @type {WeakMap<Element, Report>} */
  #after = new WeakMap();
  /** The chosen moment, and what stands at it where nothing was logged. @type {{side: Side, at: number, report?: Report} | undefined} */
  #chosen;
  #nothing = document.createElement("p");
  #more = document.createElement("p");
  #throttle = new Throttle(() => this.#show(), drawEvery);
  /** Not in the frame of the key that has chosen: a long log takes as long as all else that the key changes. */
  #revealing = new Throttle(() => {
    this.#mark();
    this.reveal();
  }, 0, 0);

  /**
   * @param {HTMLElement} box
   * @param {(report: Report) => void} place shows where in the program an error was
   */
  constructor(box, place) {
    this.#box = box;
    this.#place = place;
    this.#empty = box.firstElementChild;
    this.#more.className = "log-more";
    this.#nothing.className = "log-nothing";
    box.addEventListener("click", ({ target }) => {
      const line = /** @type {HTMLElement | null} */ (/** @type {Element} */ (target).closest("p[data-at]"));
      if (!line || /** @type {Element} */ (target).closest("button") || !getSelection()?.isCollapsed) return;
      box.dispatchEvent(new CustomEvent("choose", { detail: { side: line.dataset.side, at: Number(line.dataset.at), after: this.#after.get(line) } }));
    });
  }

  /** @param {number} started what times are counted from, in epoch milliseconds */
  clear(started) {
    this.#started = started;
    this.#gone = 0;
    this.#waiting = [];
    this.#floods.clear();
    this.#told.clear();
    this.#chosen = undefined;
    this.#box.replaceChildren(...(this.#empty ? [this.#empty] : []));
  }

  /**
   * @param {Report[]} reports those that say nothing to a reader are passed over
   * @param {number} dropped how many the program made too many
   * @param {Side} side whose they are
   */
  add(reports, dropped, side) {
    for (const report of reports) {
      if (!ownKinds.includes(report.kind)) this.#told.set(side, report);
      if (report.kind === "log") this.#line(report, report.values.join(" "));
      if (report.kind === "report") this.#line(report, report.text);
      if (report.kind === "throw") this.#thrown(report);
      if (report.kind === "elsewhere") this.#line(report, word("log.elsewhere", { address: report.address }));
    }
    if (reports.some(({ kind }) => kind === "log" || kind === "report")) this.#floods.delete(side);
    if (dropped > 0) this.#sayDropped(dropped, side);
  }

  /**
   * What the server's code said, between what the program did.
   * @param {import("../../lib/capture.js").Line[]} lines
   * @param {number} clockOffset what to take from their times
   * @param {number} started what times are counted from: of a terminal's run it is known now
   */
  addServer(lines, clockOffset, started) {
    this.#started = started;
    for (const { side, time, text, word: key, args } of lines) {
      this.#line({ kind: "server", side, at: time - clockOffset }, hasWord(key) ? word(key, { ...args }) : text);
    }
  }

  /**
   * Marks what was logged at a moment, or says at its place that nothing was.
   * @param {{side: Side, at: number, report?: Report} | undefined} moment on the browser's clock, and what the program was told then
   */
  choose(moment) {
    this.#chosen = moment;
    this.#revealing.schedule();
  }

  /** Shows at once what waits to be shown. */
  drawNow() {
    if (this.#waiting.length > 0) this.#throttle.now();
  }

  /** Scrolls to what is marked. */
  reveal() {
    const marked = this.#box.querySelector("[data-on]");
    if (!(marked instanceof HTMLElement) || this.#box.offsetParent === null) return;
    this.#box.scrollTop = marked.offsetTop - this.#box.clientHeight / 2;
  }

  #mark() {
    this.#box.querySelector("[data-on]")?.removeAttribute("data-on");
    this.#nothing.remove();
    if (!this.#chosen || this.#empty?.isConnected) return;
    const { side, at, report } = this.#chosen;
    const lines = /** @type {HTMLElement[]} */ ([...this.#box.querySelectorAll(`p[data-at][data-side="${side}"]`)]);
    const after = report && lines.find((line) => this.#after.get(line) === report);
    if (after) return after.setAttribute("data-on", "");
    // What a program did with a message was done for that one.
    const nearest = nearestTo(at, lines.filter((line) => !["message", "read"].includes(this.#after.get(line)?.kind ?? "")));
    if (nearest) return nearest.setAttribute("data-on", "");
    this.#nothing.dataset.side = side;
    this.#nothing.dataset.at = String(at);
    this.#nothing.setAttribute("data-on", "");
    const time = document.createElement("time");
    time.textContent = ((at - this.#started) / 1000).toFixed(3);
    this.#nothing.replaceChildren(time, element("span", "", word("log.nothing")));
    this.#insert(this.#nothing);
  }

  /** @param {number} count @param {Side} side */
  #sayDropped(count, side) {
    const flood = this.#floods.get(side) ?? { count: 0, line: this.#line({ kind: "dropped", side }, "") };
    this.#floods.set(side, flood);
    flood.count += count;
    /** @type {HTMLElement} */ (flood.line.lastElementChild).textContent = word("log.dropped", { count: flood.count });
  }

  /**
   * @param {{kind: string, at?: number, side?: Side}} report
   * @param {string} text
   * @returns {HTMLElement} the line
   */
  #line({ kind, at, side }, text) {
    const line = document.createElement("p");
    line.dataset.kind = kind;
    if (side) line.dataset.side = side;
    if (at !== undefined) line.dataset.at = String(at);
    const time = document.createElement("time");
    time.textContent = at === undefined ? "" : ((at - this.#started) / 1000).toFixed(3);
    const told = side && ownKinds.includes(kind) && this.#told.get(side);
    if (told) this.#after.set(line, told);
    const words = element("span", "log-text", text);
    if (kind === "server") words.prepend(element("b", "", word("log.server")), " ");
    line.append(time, words);
    this.#waiting.push(line);
    this.#throttle.schedule();
    return line;
  }

  /** @param {Report} report */
  #thrown(report) {
    const key = report.code ? `outcome.${report.code}` : "log.thrown";
    const line = this.#line(report, word(key, { ...report }));
    if (!report.line) return;
    const place = document.createElement("button");
    place.type = "button";
    place.textContent = word(report.column ? "log.place" : "log.line", { line: report.line, column: report.column });
    place.addEventListener("click", () => this.#place(report));
    line.append(place);
  }

  /**
   * Puts a line where its time says: what the server said comes a little later
   * than what the program did.
   * @param {HTMLElement} line
   */
  #insert(line) {
    let after = /** @type {HTMLElement | null} */ (this.#box.lastElementChild);
    while (after?.dataset.at && Number(after.dataset.at) > Number(line.dataset.at)) {
      after = /** @type {HTMLElement | null} */ (after.previousElementSibling);
    }
    if (after) after.after(line);
    else this.#box.prepend(line);
  }

  #show() {
    const atEnd = this.#box.scrollHeight - this.#box.scrollTop - this.#box.clientHeight < 8;
    this.#empty?.remove();
    // One side's flood leaves the other's lines alone.
    for (const waiting of Map.groupBy(this.#waiting.splice(0), ({ dataset }) => dataset.side ?? "").values()) {
      this.#gone += Math.max(0, waiting.length - kept);
      for (const line of waiting.slice(-kept)) this.#insert(line);
    }
    for (const side of ["sse", "ws"]) {
      const lines = this.#box.querySelectorAll(`p[data-kind][data-side="${side}"]`);
      for (let i = 0; i < lines.length - kept; i++) {
        lines[i].remove();
        this.#gone++;
      }
    }
    if (this.#gone > 0) {
      this.#more.textContent = word("log.gone", { count: this.#gone });
      this.#box.prepend(this.#more);
    }
    if (this.#chosen) this.#mark();
    else if (atEnd) this.#box.scrollTop = this.#box.scrollHeight;
  }
}

/** The line that is nearest to a moment, if one is near enough. @param {number} at @param {HTMLElement[]} lines */
function nearestTo(at, lines) {
  let nearest;
  let least = sameMoment;
  for (const line of lines) {
    const distance = Math.abs(Number(line.dataset.at) - at);
    if (nearest ? distance >= least : distance > least) continue;
    least = distance;
    nearest = line;
  }
  return nearest;
}
