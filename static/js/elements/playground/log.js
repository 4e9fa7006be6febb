// @ts-check
import { element } from "../../lib/dom.js";
import { hasWord, word } from "../../lib/words.js";

/** @typedef {import("../../lib/sandbox.js").Report} Report */

/** Lines that are kept on the page; the oldest go first. */
const kept = 500;

/**
 * What one side's program logged, with times. Lines are put on the page once
 * in an animation frame, however many there are.
 */
export class Log {
  #box;
  #empty;
  #place;
  #started = 0;
  #gone = 0;
  /** @type {HTMLElement[]} */
  #waiting = [];
  /** The line that counts what was left out, while nothing comes after it. @type {{count: number, line: HTMLElement} | undefined} */
  #flood;
  #more = document.createElement("p");

  /**
   * @param {HTMLElement} box
   * @param {(report: Report) => void} place shows where in the program an error was
   */
  constructor(box, place) {
    this.#box = box;
    this.#place = place;
    this.#empty = box.firstElementChild;
    this.#more.className = "log-more";
  }

  /** @param {number} started what times are counted from, in epoch milliseconds */
  clear(started) {
    this.#started = started;
    this.#gone = 0;
    this.#waiting = [];
    this.#flood = undefined;
    this.#box.replaceChildren(...(this.#empty ? [this.#empty] : []));
  }

  /**
   * @param {Report[]} reports those that say nothing to a reader are passed over
   * @param {number} dropped how many the program made too many
   */
  add(reports, dropped) {
    for (const report of reports) {
      if (report.kind === "log") this.#line(report, report.values.join(" "));
      if (report.kind === "report") this.#line(report, report.text);
      if (report.kind === "throw") this.#thrown(report);
      if (report.kind === "elsewhere") this.#line(report, word("log.elsewhere", { address: report.address }));
    }
    if (reports.some(({ kind }) => kind === "log" || kind === "report")) this.#flood = undefined;
    if (dropped > 0) this.#sayDropped(dropped);
  }

  /**
   * What the server's code said, between what the program did.
   * @param {import("../../lib/capture.js").Line[]} lines
   * @param {number} clockOffset what to take from their times
   * @param {number} started what times are counted from: of a terminal's run it is known now
   */
  addServer(lines, clockOffset, started) {
    this.#started = started;
    for (const { time, text, word: key, args } of lines) {
      this.#line({ kind: "server", at: time - clockOffset }, hasWord(key) ? word(key, { ...args }) : text);
    }
  }

  /** @param {number} count */
  #sayDropped(count) {
    this.#flood ??= { count: 0, line: this.#line({ kind: "dropped" }, "") };
    this.#flood.count += count;
    /** @type {HTMLElement} */ (this.#flood.line.lastElementChild).textContent = word("log.dropped", { count: this.#flood.count });
  }

  /**
   * @param {{kind: string, at?: number}} report
   * @param {string} text
   * @returns {HTMLElement} the line
   */
  #line({ kind, at }, text) {
    const line = document.createElement("p");
    line.dataset.kind = kind;
    if (at !== undefined) line.dataset.at = String(at);
    const time = document.createElement("time");
    time.textContent = at === undefined ? "" : ((at - this.#started) / 1000).toFixed(3);
    const words = document.createElement("span");
    words.textContent = text;
    if (kind === "server") words.prepend(element("b", "", word("log.server")), " ");
    line.append(time, words);
    if (this.#waiting.push(line) === 1) requestAnimationFrame(() => this.#show());
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
    this.#gone += Math.max(0, this.#waiting.length - kept);
    const lines = this.#waiting.splice(0).slice(-kept);
    this.#empty?.remove();
    for (const line of lines) this.#insert(line);
    while (this.#box.childElementCount > kept + 1) {
      const oldest = this.#box.firstElementChild === this.#more ? this.#more.nextElementSibling : this.#box.firstElementChild;
      oldest?.remove();
      this.#gone++;
    }
    if (this.#gone > 0) {
      this.#more.textContent = word("log.gone", { count: this.#gone });
      this.#box.prepend(this.#more);
    }
    if (atEnd) this.#box.scrollTop = this.#box.scrollHeight;
  }
}
