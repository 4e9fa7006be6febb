// @ts-check
// What the streams of language models add up to: text, reasoning, calls of tools, usage,
// how they ended and what is wrong, each with the bytes that it came in.

import { Panel } from "./panel.js";
import { element } from "../../lib/dom.js";
import { word } from "../../lib/words.js";

/**
 * @typedef {import("./panel.js").Answer} Answer
 * @typedef {import("./panel.js").Range} Range
 * @typedef {import("../frames/frames.js").SeewireFrames} SeewireFrames
 */

/** How long after an answer of the server's it is asked again, at least, in ms. */
const ASK_EVERY = 400;

/**
 * Usage:
 *   <seewire-answers data-recorded="/en/lessons/one-post/recorded.json"></seewire-answers>
 *
 *   element.frames = frames;        // seewire-frames: what is chosen there is chosen here, and the other way round
 *   element.list = document.answers // of a document that is all there is; otherwise the server is asked, while this is seen
 *
 * In a playground it finds the frames by itself. It has the attribute "none" where there
 * is nothing to show.
 */
export class SeewireAnswers extends HTMLElement {
  /** @type {SeewireFrames|undefined} */
  #frames;
  /** @type {import("../../lib/capture.js").Capture|undefined} */
  #capture;
  /** @type {Panel[]} */
  #panels = [];
  #empty = element("p", "answer-empty", word("answer.none"));
  #seen = false;
  /** Whether there may be more than is shown. */
  #stale = false;
  #asking = false;
  /** Whether this element has chosen what the frames show. */
  #choosing = false;
  #changed = () => {
    this.#stale = true;
    this.#ask();
  };

  connectedCallback() {
    if (document.body.dataset.lang) loadStyles();
    this.append(this.#empty);
    this.toggleAttribute("none", this.#panels.length === 0);
    const playground = this.closest("seewire-playground");
    if (playground) this.frames = /** @type {SeewireFrames} */ (playground.querySelector("seewire-frames"));
    if (!this.#seen) this.#watch();
  }

  /** Asks nothing while nobody looks. */
  #watch() {
    new IntersectionObserver((entries) => {
      this.#seen = entries.some(({ isIntersecting }) => isIntersecting);
      this.#ask();
    }).observe(this.hasAttribute("none") && this.parentElement && !this.closest("seewire-playground") ? this.parentElement : this);
  }

  set frames(/** @type {SeewireFrames} */ frames) {
    this.#frames = frames;
    frames.addEventListener("chosen", (event) => {
      const row = /** @type {CustomEvent} */ (event).detail?.row;
      if (row && !this.#choosing) for (const panel of this.#panels) panel.find(row);
    });
    frames.addEventListener("capture", () => this.#take());
    this.#take();
  }

  set list(/** @type {Answer[]} */ answers) {
    this.#show(answers);
  }

  /** Another capture is shown. */
  #take() {
    this.#capture?.removeEventListener("change", this.#changed);
    this.#capture = this.#frames?.capture;
    this.#capture?.addEventListener("change", this.#changed);
    this.#show([]);
    this.#changed();
  }

  /** Where the server has what they add up to; nothing for a document without one. */
  get #address() {
    if (this.#frames?.hasAttribute("recorded")) return this.dataset.recorded?.replace(/recorded\.json$/, "answers.json");
    return this.#capture?.id && `/captures/${this.#capture.id}/answers`;
  }

  async #ask() {
    const address = this.#address;
    if (this.#asking || !this.#stale || !this.#seen || !address) return;
    this.#asking = true;
    this.#stale = false;
    const asked = performance.now();
    const capture = this.#capture;
    try {
      const response = await fetch(address);
      if (response.ok) {
        const { answers } = await response.json();
        if (capture === this.#capture) this.#show(answers ?? []);
      } else if (response.status === 503) {
        this.#stale = true; // later
      }
    } catch {
      this.#stale = true; // the server is away, and what is shown stays
    }
    setTimeout(() => {
      this.#asking = false;
      this.#ask();
    }, Math.max(ASK_EVERY, 4 * (performance.now() - asked)));
  }

  /** @param {Answer[]} answers */
  #show(answers) {
    const capture = this.#capture;
    // Behind a proxy the same answer came twice: what the client got counts.
    const shown = answers.filter(({ connection }) => !capture?.hopOf(connection));
    const list = shown.length > 0 ? shown : answers;
    const sideOf = (/** @type {Answer} */ { connection }) => (this.closest("seewire-playground") ? capture?.sideOf(connection) : undefined);
    list.sort((a, b) => Number(sideOf(a) === "ws") - Number(sideOf(b) === "ws")); // as the lanes are
    while (this.#panels.length > list.length) this.#panels.pop()?.element.remove();
    for (const [i, answer] of list.entries()) {
      if (!this.#panels[i]) {
        const panel = new Panel((connection, range) => this.#choose(connection, range), () => this.#capture);
        this.#panels.push(panel);
        this.append(panel.element);
      }
      this.#panels[i].update(answer, sideOf(answer));
    }
    this.#empty.hidden = list.length > 0;
    this.toggleAttribute("none", list.length === 0);
  }

  /** @param {number} connection @param {Range} range */
  #choose(connection, { from }) {
    this.#choosing = true;
    this.#frames?.select({ connection, from: "server", offset: from });
    this.#choosing = false;
  }
}

/** The styles are in a sheet of their own. A page in one file has them. */
function loadStyles() {
  if (document.querySelector('link[href$="/css/answers.css"]')) return;
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = new URL("../css/answers.css", import.meta.url).href; // scripts are bundled into js/
  document.head.append(link);
}
