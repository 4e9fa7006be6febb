// @ts-check
import { element } from "../../lib/dom.js";
import * as store from "../../lib/store.js";
import { word } from "../../lib/words.js";
import { weigh } from "./weigh.js";

/** @typedef {import("./weigh.js").Effect} Effect */

/**
 * A few questions, and what the answers speak for: the choice, the reasons on
 * both sides, and where the code to start from stands.
 *
 * Usage: see the component `guide` of package view.
 */
export class Guide extends HTMLElement {
  connectedCallback() {
    const answers = store.read(this.#key) ?? {};
    for (const radio of this.#radios) {
      if (answers[radio.name] === radio.value) radio.checked = true;
    }
    this.addEventListener("change", () => this.#answered());
    this.dataset.ready = ""; // hides the reasons, which the answer gives
    this.update();
  }

  update() {
    const questions = this.querySelectorAll("fieldset").length;
    const chosen = this.#radios.filter((radio) => radio.checked);
    const effects = chosen.flatMap((radio) => effectsOf(radio));
    const place = /** @type {HTMLElement} */ (this.querySelector("[data-part=answer]"));
    place.hidden = chosen.length === 0;
    if (chosen.length < questions) {
      place.replaceChildren(element("p", "", word("guide.left", { left: questions - chosen.length })));
      return;
    }
    const [best, ...others] = weigh(effects);
    place.replaceChildren(
      element("p", "label", word("guide.answer")),
      element("p", "choice", word(`guide.${best.choice}`)),
      element("p", "", word(`guide.${best.choice}.start`)),
      reasons(best.effects),
      ...others.map(({ choice, effects, total }) => {
        const other = element("details", "");
        other.append(element("summary", "", word("guide.why_not", { choice: word(`guide.${choice}`), total: signed(total) })), reasons(effects));
        return other;
      }),
    );
  }

  #answered() {
    store.write(this.#key, Object.fromEntries(this.#radios.filter(({ checked }) => checked).map(({ name, value }) => [name, value])));
    this.update();
  }

  get #key() {
    return `guide/${this.id}`;
  }

  /** @returns {HTMLInputElement[]} */
  get #radios() {
    return Array.from(this.querySelectorAll("input[type=radio]"));
  }
}

/**
 * What an answer speaks for, as the page has it below the answer.
 * @param {HTMLInputElement} radio
 * @returns {Effect[]}
 */
function effectsOf(radio) {
  const list = radio.closest("label")?.nextElementSibling;
  return Array.from(/** @type {NodeListOf<HTMLElement>} */ (list?.querySelectorAll("li") ?? []), (item) => ({
    choice: item.dataset.for ?? "",
    weight: Number(item.dataset.weight),
    item,
  }));
}

/** @param {Effect[]} effects */
function reasons(effects) {
  const list = element("ul", "reasons");
  for (const { item } of effects) {
    const reason = /** @type {HTMLElement} */ (item.cloneNode(true));
    reason.firstElementChild?.remove(); // what it speaks for is said above
    list.append(reason);
  }
  return list;
}

/** @param {number} n */
function signed(n) {
  return n < 0 ? `−${-n}` : `+${n}`;
}
