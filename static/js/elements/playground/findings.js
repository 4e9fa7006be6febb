// @ts-check
import { word } from "../../lib/words.js";

/**
 * @typedef {import("../../lib/finding.js").Finding} Finding
 * @typedef {{side: "sse"|"ws", at: number}} Moment
 */

/** A finding this near to a moment, in ms, speaks of it. */
const sameMoment = 3;

/** The findings of a run, one at a time, and the way from one to the next. */
export class Findings {
  #box;
  #show;
  /** @type {Finding[]} */
  #all = [];
  /** The one that is shown; where it is not chosen, the last before what is. */
  #index = -1;
  #chosen = false;

  /**
   * @param {HTMLElement} box
   * @param {(finding: Finding) => void} show shows what a finding is about
   */
  constructor(box, show) {
    this.#box = box;
    this.#show = show;
    box.addEventListener("click", ({ target }) => {
      const action = /** @type {HTMLElement | null} */ (/** @type {Element} */ (target).closest("[data-action]"))?.dataset.action;
      if (action === "next") this.#go(this.#index + 1);
      if (action === "previous") this.#go(this.#index - (this.#chosen ? 1 : 0));
      if (action === "sheet") this.open(!box.hasAttribute("data-open"));
    });
  }

  /** @param {Finding[]} findings */
  show(findings) {
    const shown = this.#all[this.#index];
    this.#all = findings;
    this.#index = shown ? this.#placeOf(shown) : -1;
    this.#say();
  }

  /** The one that is chosen, if any. */
  get chosen() {
    return this.#chosen ? this.#all[this.#index] : undefined;
  }

  /** Findings are made anew as more is known of a run, also of its clocks. @param {Finding} finding */
  #placeOf({ side, from, word }) {
    const away = (/** @type {Finding} */ other) => Math.abs(other.from - from);
    const same = this.#all.filter((other) => other.side === side && other.word === word).toSorted((a, b) => away(a) - away(b));
    return this.#all.indexOf(same[0]);
  }

  /** @param {Finding} finding */
  choose(finding) {
    this.#index = this.#placeOf(finding);
    this.#chosen = true;
    this.#say();
  }

  /** Something else was chosen. @param {Moment | undefined} moment */
  at(moment) {
    const near = moment ? this.#all.findIndex(({ side, from, seen }) => side === moment.side && Math.abs((seen ?? from) - moment.at) < sameMoment) : -1;
    this.#chosen = near >= 0;
    this.#index = near >= 0 ? near : moment ? this.#all.findLastIndex(({ from }) => from <= moment.at) : -1;
    this.#say();
  }

  /** Opens what a narrow window has no room for, or closes it. @param {boolean} [open] */
  open(open = true) {
    this.#box.toggleAttribute("data-open", open);
    this.#box.querySelector("[data-action=sheet]")?.setAttribute("aria-expanded", String(open));
  }

  /** @param {number} index */
  #go(index) {
    const finding = this.#all[Math.max(0, Math.min(this.#all.length - 1, index))];
    if (finding) this.#show(finding);
  }

  #say() {
    const finding = this.chosen;
    const text = /** @type {HTMLElement} */ (this.#box.querySelector("[data-part=finding]"));
    text.textContent = finding ? word(finding.word, finding.args) : "";
    text.dataset.side = finding?.side ?? "";
    text.toggleAttribute("data-trouble", finding?.kind === "cut" || finding?.kind === "gap");
    const count = /** @type {HTMLElement} */ (this.#box.querySelector("[data-part=count]"));
    count.textContent = this.#all.length > 0 ? word("playground.findings", { n: finding ? this.#index + 1 : "–", total: this.#all.length }) : "";
    for (const button of this.#box.querySelectorAll("[data-action=next], [data-action=previous]")) {
      button.toggleAttribute("hidden", this.#all.length === 0);
    }
  }
}
