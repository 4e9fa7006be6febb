// @ts-check
import { untilLoaded } from "../../lib/retry.js";
import { addWords, word } from "../../lib/words.js";

/**
 * One of many tabs that share an event stream, and what it knows of the others.
 *
 * Usage: see the component `Tabs` of package view. The program that does the
 * sharing is the one that the page shows.
 */
export class Tabs extends HTMLElement {
  async connectedCallback() {
    await untilLoaded(() => addWords("tabs"));
    if (!navigator.locks) return this.#say("role", word("tabs.insecure"));
    const stream = this.dataset.stream ?? "";
    this.#say("role", word("tabs.following"));
    const { share } = await import(this.dataset.script ?? "");
    share(stream, {
      received: (/** @type {number} */ number) => {
        this.#say("number", String(number));
        this.#count(stream);
      },
      leading: (/** @type {boolean} */ is) => {
        this.toggleAttribute("data-leading", is);
        this.#say("role", word(is ? "tabs.leading" : "tabs.following"));
      },
    });
    this.#count(stream);
  }

  /**
   * Counts tabs by who waits for the lock, and streams by who holds it.
   * @param {string} name of the lock
   */
  async #count(name) {
    const { held = [], pending = [] } = await navigator.locks.query();
    const streams = held.filter((lock) => lock.name === name).length;
    this.#say("streams", String(streams));
    this.#say("tabs", String(streams + pending.filter((lock) => lock.name === name).length));
  }

  /** @param {string} part @param {string} text */
  #say(part, text) {
    const place = /** @type {HTMLElement} */ (this.querySelector(`[data-part="${part}"]`));
    if (place.textContent !== text) place.textContent = text;
  }
}
