// @ts-check
import { setStarted } from "../../lib/progress.js";
import * as store from "../../lib/store.js";
import { word } from "../../lib/words.js";

/**
 * A question to be answered before the run. The answer is kept, and held
 * against what is so when the run has ended.
 *
 * Usage: see the component `predict` of package view. The playground says that
 * a run has ended by a "seewire-ran" event on the document.
 */
export class Predict extends HTMLElement {
  connectedCallback() {
    document.addEventListener("seewire-ran", this.#ran);
    const chosen = store.read(this.#key);
    for (const radio of this.#radios) radio.checked = radio.value === chosen;
    this.addEventListener("change", () => this.#choose());
    this.#answer.addEventListener("toggle", () => this.update());
    this.update();
  }

  disconnectedCallback() {
    document.removeEventListener("seewire-ran", this.#ran);
  }

  update() {
    const chosen = this.#chosen;
    const shown = this.#answer.open;
    for (const radio of this.#radios) {
      const label = /** @type {HTMLElement} */ (radio.closest("label"));
      if (shown && radio.value === this.dataset.answer) label.dataset.state = "right";
      else if (shown && radio === chosen) label.dataset.state = "wrong";
      else delete label.dataset.state;
    }
    const right = chosen?.value === this.dataset.answer;
    if (!chosen) this.#say(shown ? "" : "predict.choose");
    else if (!shown) this.#say("predict.run");
    else this.#say(right ? "predict.right" : "predict.wrong", { n: chosen.value });
  }

  #choose() {
    store.write(this.#key, this.#chosen?.value);
    setStarted(document.body.dataset.lesson ?? "");
    this.update();
  }

  /** Who has not committed to an answer is not shown one. */
  #ran = () => {
    if (this.#chosen) this.#answer.open = true;
  };

  /**
   * @param {string} key "" says nothing
   * @param {Record<string, unknown>} [args]
   */
  #say(key, args) {
    const note = /** @type {HTMLElement} */ (this.querySelector("[data-part=note]"));
    const text = key && word(key, args);
    note.hidden = !text;
    if (note.textContent !== text) note.textContent = text;
  }

  get #key() {
    return `predict/${document.body.dataset.lesson}/${this.id}`;
  }

  /** @returns {NodeListOf<HTMLInputElement>} */
  get #radios() {
    return this.querySelectorAll("input[type=radio]");
  }

  get #chosen() {
    return Array.from(this.#radios).find((radio) => radio.checked);
  }

  get #answer() {
    return /** @type {HTMLDetailsElement} */ (this.querySelector("[data-part=answer]"));
  }
}
