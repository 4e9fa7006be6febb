// @ts-check

/**
 * Makes a list of tabs work, after the WAI-ARIA tabs pattern: one of them
 * is in the Tab order, the arrow keys choose another.
 * @param {Element} list
 * @param {(panel: HTMLElement) => void} chosen
 */
export function tabs(list, chosen) {
  /** @type {HTMLElement[]} */
  const all = Array.from(list.querySelectorAll("[role=tab]"));

  /** @param {HTMLElement} tab */
  function choose(tab) {
    for (const other of all) {
      other.setAttribute("aria-selected", String(other === tab));
      other.tabIndex = other === tab ? 0 : -1;
      panelOf(other).toggleAttribute("data-chosen", other === tab);
    }
    chosen(panelOf(tab));
  }

  /** @param {HTMLElement} tab */
  function panelOf(tab) {
    return /** @type {HTMLElement} */ (document.getElementById(tab.getAttribute("aria-controls") ?? ""));
  }

  for (const [i, tab] of all.entries()) {
    tab.addEventListener("click", () => choose(tab));
    tab.addEventListener("keydown", (event) => {
      const to = { ArrowLeft: i - 1, ArrowRight: i + 1, Home: 0, End: all.length - 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      const next = all[(to + all.length) % all.length];
      choose(next);
      next.focus();
    });
  }
}
