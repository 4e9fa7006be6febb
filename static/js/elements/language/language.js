// @ts-check
import { parametersOf } from "../../lib/fragment.js";

/**
 * The switch between languages, which keeps the reader's place: the query of
 * the address, and the part of the page that is in view. It fires
 * "seewire-leave" on the document before it leaves.
 *
 * Usage: see the component `languages` of package view.
 */
export class Language extends HTMLElement {
  connectedCallback() {
    this.#restore();
    this.addEventListener("click", (event) => {
      const link = /** @type {Element} */ (event.target).closest("a");
      if (!link) return;
      this.#leave(link);
      document.dispatchEvent(new Event("seewire-leave"));
    });
  }

  /**
   * Adds the place to the link that is being followed.
   * @param {HTMLAnchorElement} link
   */
  #leave(link) {
    const target = new URL(link.href);
    const path = new URL(target.searchParams.get("path") ?? "/", location.origin);
    path.search = location.search;
    const anchor = inView();
    if (parametersOf(location.hash).has("bytes")) {
      path.hash = location.hash; // they are nowhere else
    } else if (anchor) {
      path.hash = anchor.id;
      // A fragment leads to a heading; the rest of the way is remembered.
      const top = anchor.getBoundingClientRect().top;
      sessionStorage.setItem("seewire/place", JSON.stringify({ id: anchor.id, top }));
    }
    target.searchParams.set("path", path.pathname + path.search + path.hash);
    link.href = target.href;
  }

  #restore() {
    const kept = sessionStorage.getItem("seewire/place");
    sessionStorage.removeItem("seewire/place");
    const { id = "", top = 0 } = JSON.parse(kept ?? "{}");
    const anchor = document.getElementById(id);
    if (!anchor || location.hash !== `#${id}`) return;
    // After the browser's own jump to the fragment.
    requestAnimationFrame(() => scrollBy({ top: anchor.getBoundingClientRect().top - top, behavior: "instant" }));
  }
}

/** The last thing with an ID that begins above the middle of the window. */
export function inView() {
  const middle = innerHeight / 2;
  const all = Array.from(document.querySelectorAll("main :is(h1, h2, h3, seewire-playground, seewire-exercise, seewire-predict)[id]"));
  return all.findLast((element) => element.getBoundingClientRect().top < middle);
}
