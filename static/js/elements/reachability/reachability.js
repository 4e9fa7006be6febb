// @ts-check

/** How long to wait for the listener, in ms. */
const patience = 3000; // ms

/**
 * Where the control "over" leads: the site has a listener with HTTP/2 and one
 * without, and a browser may not let a page speak to the one that it did not
 * come from. Then this says what to do.
 *
 * Usage: see the component `reachability` of package view.
 *
 *   await element.reaches("http2");  // whether a run would get there
 */
export class Reachability extends HTMLElement {
  #state = "";

  connectedCallback() {
    this.#form?.addEventListener("input", () => this.#look());
    this.#form?.addEventListener("change", () => this.#look());
    this.addEventListener("click", (event) => {
      const button = /** @type {Element} */ (event.target).closest("[data-action=look-again]");
      if (button) this.#look();
    });
    // The reader returns from the other tab, where the certificate was accepted.
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.#state && this.#look());
    addEventListener("focus", () => this.#state && this.#look());
    this.#look();
  }

  /**
   * Whether a run would get there; if not, what to do is shown.
   * @param {string} over "http1" or "http2"
   */
  async reaches(over) {
    const origin = this.dataset[over];
    if (origin === location.origin) return this.#becomes("");
    if (!origin) return this.#becomes("none");
    if (await answers(origin)) return this.#becomes("ready");
    return this.#becomes(over === "http2" ? "untrusted" : "mixed");
  }

  /** Looks whether what is chosen can be reached. */
  #look() {
    const field = /** @type {HTMLSelectElement | null} */ (this.#form?.elements.namedItem("over"));
    if (field) this.reaches(field.value);
  }

  /** @param {string} state @returns {boolean} whether all is well */
  #becomes(state) {
    this.#state = state;
    this.dataset.state = state;
    for (const part of /** @type {NodeListOf<HTMLElement>} */ (this.querySelectorAll("[data-reachability]"))) {
      part.hidden = part.dataset.reachability !== state;
    }
    this.hidden = state === "";
    return state === "" || state === "ready";
  }

  get #form() {
    return this.closest("seewire-playground")?.querySelector("form");
  }
}

/** @param {string} origin */
async function answers(origin) {
  try {
    await fetch(origin + "/healthz", { mode: "no-cors", cache: "no-store", signal: AbortSignal.timeout(patience) });
    return true;
  } catch {
    return false;
  }
}
