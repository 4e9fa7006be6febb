// @ts-check
import { copy } from "../../lib/clipboard.js";

/**
 * Commands for a shell, with the ID of the page's capture in them.
 *
 * Usage: see the component `terminal` of package view. The playground says
 * under which ID it watches by a "seewire-capture" event on the document.
 */
export class Terminal extends HTMLElement {
  connectedCallback() {
    document.addEventListener("seewire-capture", this.#fill);
    const button = /** @type {HTMLButtonElement} */ (this.querySelector("[data-action=copy]"));
    button.hidden = false;
    button.onclick = () => {
      const commands = this.querySelector("[data-part=commands]")?.textContent ?? "";
      copy(commands.trim(), button, this.querySelector("[data-part=copied]"));
    };
  }

  disconnectedCallback() {
    document.removeEventListener("seewire-capture", this.#fill);
  }

  /** @param {Event} event */
  #fill = (event) => {
    for (const place of this.querySelectorAll("[data-fill=capture]")) {
      place.textContent = /** @type {CustomEvent} */ (event).detail;
    }
  };
}
