// @ts-check

/** The part whose heading came last above this share of the window is the one that is being read. */
const LINE = 0.4;

/**
 * The way through a lesson, in the head of the site: it marks the part that is
 * being read.
 *
 * Usage: see the component `way` of package view.
 */
export class Way extends HTMLElement {
  /** @type {HTMLAnchorElement[]} */
  #links = [];
  /** @type {HTMLAnchorElement|undefined} */
  #current;
  #waiting = false;

  connectedCallback() {
    this.#links = Array.from(this.querySelectorAll('a[href^="#"]'));
    addEventListener("scroll", this.#soon, { passive: true });
    addEventListener("resize", this.#soon);
    this.#soon();

    const menu = /** @type {HTMLDetailsElement} */ (this.querySelector("details"));
    menu.addEventListener("click", (event) => {
      if (/** @type {Element} */ (event.target).closest("a")) menu.open = false;
    });
    this.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !menu.open) return;
      menu.open = false;
      menu.querySelector("summary")?.focus();
    });
    document.addEventListener("click", this.#outside);
  }

  disconnectedCallback() {
    removeEventListener("scroll", this.#soon);
    removeEventListener("resize", this.#soon);
    document.removeEventListener("click", this.#outside);
  }

  #outside = (/** @type {Event} */ event) => {
    if (event.target instanceof Node && this.contains(event.target)) return;
    /** @type {HTMLDetailsElement} */ (this.querySelector("details")).open = false;
  };

  /** Looks once a frame, however often the window scrolls. */
  #soon = () => {
    if (this.#waiting) return;
    this.#waiting = true;
    requestAnimationFrame(() => {
      this.#waiting = false;
      this.#mark();
    });
  };

  #mark() {
    const tops = this.#links.map((link) => document.getElementById(link.hash.slice(1))?.getBoundingClientRect().top ?? Infinity);
    const end = document.documentElement.scrollHeight - innerHeight - scrollY < 2;
    const current = this.#links[partAt(tops, innerHeight * LINE, end)];
    if (current === this.#current) return;
    this.#current?.removeAttribute("aria-current");
    this.#current = current;
    const here = /** @type {HTMLElement} */ (this.querySelector('[data-part="here"]'));
    here.textContent = (current ?? here).textContent;
    current?.setAttribute("aria-current", "location");
  }
}

/**
 * The index of the part that is being read: the last whose heading is above a
 * line, and the last of all where the page ends; -1 before the first.
 * @param {number[]} tops where each heading is, from the window's upper edge
 * @param {number} line
 * @param {boolean} end whether the page is scrolled to its end
 */
export function partAt(tops, line, end) {
  if (end) return tops.findLastIndex((top) => top < Infinity);
  return tops.findLastIndex((top) => top < line);
}
