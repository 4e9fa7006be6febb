// @ts-check
import { setStarted } from "../../lib/progress.js";
import * as store from "../../lib/store.js";
import { word } from "../../lib/words.js";

/**
 * A question to be answered before the run. Its options come in an order by
 * chance, so that their places tell nothing; the order and the answer are kept.
 * What is right is said at the playground when the run has ended: here, nothing
 * changes above what the reader looks at.
 *
 * Usage: see the component `predict` of package view. The playground says that
 * a run has ended by a "seewire-ran" event on the document.
 */
export class Predict extends HTMLElement {
  /** Whether a run has ended since the answer was chosen. */
  #hasRun = false;

  connectedCallback() {
    document.addEventListener("seewire-ran", this.#ran);
    this.#order();
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
    for (const label of this.#labels) {
      if (shown && label === this.#right) label.dataset.state = "right";
      else if (shown && label === chosen) label.dataset.state = "wrong";
      else delete label.dataset.state;
    }
    write(this.#part("note"), word(`predict.${!chosen ? "choose" : shown ? this.#verdict : "run"}`));
    this.#tell();
  }

  /** Puts the options into the order of this reader, which is made by chance once. */
  #order() {
    const key = `${this.#key}/order`;
    const labels = [...this.#labels];
    /** @type {unknown} */
    let order = store.read(key);
    if (!Array.isArray(order) || labels.length !== order.length || !labels.every(({ dataset }) => /** @type {unknown[]} */ (order).includes(dataset.option))) {
      order = shuffled(labels.map(({ dataset }) => dataset.option));
      store.write(key, order);
    }
    const place = (/** @type {HTMLElement} */ { dataset }) => /** @type {unknown[]} */ (order).indexOf(dataset.option);
    labels.sort((a, b) => place(a) - place(b));
    labels[0]?.parentElement?.append(...labels);
  }

  #choose() {
    this.#hasRun = false;
    store.write(this.#key, this.#chosen?.dataset.option);
    setStarted(document.body.dataset.lesson ?? "");
    this.update();
  }

  #ran = () => {
    this.#hasRun = true;
    this.#tell();
  };

  /**
   * Says at the playground what was predicted, and after the run what is right.
   * Both are laid out unseen under what is shown, so that nothing moves when one
   * takes the place of the other.
   */
  #tell() {
    const place = /** @type {HTMLElement | null} */ (document.querySelector("seewire-playground [data-part=prediction]"));
    const chosen = this.#chosen;
    if (!place || !chosen || !this.#right) return;
    const options = { chosen: textOf(chosen), right: textOf(this.#right) };
    const told = word("predict.told", options);
    const verdict = word(`predict.told.${this.#verdict}`, options);
    const why = document.createElement("a");
    why.textContent = word("predict.why");
    why.href = `#${this.#answer.id}`;
    why.addEventListener("click", () => (this.#answer.open = true));
    const line = document.createElement("span");
    line.append(...(this.#hasRun ? [verdict, " ", why] : [told]));
    place.dataset.before = told;
    place.dataset.after = `${verdict} ${why.textContent}`;
    place.hidden = false;
    if (place.textContent !== line.textContent) place.replaceChildren(line);
  }

  get #verdict() {
    return this.#chosen === this.#right ? "right" : "wrong";
  }

  get #key() {
    return `predict/${document.body.dataset.lesson}/${this.id}`;
  }

  /** @returns {NodeListOf<HTMLInputElement>} */
  get #radios() {
    return this.querySelectorAll("input[type=radio]");
  }

  /** @returns {NodeListOf<HTMLElement>} */
  get #labels() {
    return this.querySelectorAll("[data-option]");
  }

  /** @returns {HTMLElement | null} */
  get #chosen() {
    return this.querySelector("[data-option]:has(:checked)");
  }

  get #right() {
    return Array.from(this.#labels).find(({ dataset }) => dataset.option === this.dataset.answer);
  }

  get #answer() {
    return /** @type {HTMLDetailsElement} */ (this.#part("answer"));
  }

  /** @param {string} name @returns {HTMLElement} */
  #part(name) {
    return /** @type {HTMLElement} */ (this.querySelector(`[data-part="${name}"]`));
  }
}

/** @param {HTMLElement} label */
function textOf(label) {
  return (label.textContent ?? "").trim();
}

/** @param {HTMLElement} element @param {string} text */
function write(element, text) {
  if (element.textContent !== text) element.textContent = text; // a live region says each change
}

/**
 * The same in an order by chance (Fisher and Yates): each order is as likely.
 * @template T
 * @param {T[]} list
 */
function shuffled(list) {
  const all = [...list];
  for (let i = all.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [all[i], all[j]] = [all[j], all[i]];
  }
  return all;
}
