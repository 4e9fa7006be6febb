// @ts-check

/** What makes each page of a class. @type {Record<string, () => Promise<{start: (page: HTMLElement) => void}>>} */
const pages = {
  open: () => import("./open.js"),
  join: () => import("./join.js"),
  board: () => import("./board.js"),
  wall: () => import("./wall.js"),
  phone: () => import("./phone.js"),
};

/**
 * A page of a class.
 *
 * Usage: see the components `ClassOpen`, `ClassJoin` and `ClassPage` of package view.
 */
export class ClassPage extends HTMLElement {
  #ready = false;

  async connectedCallback() {
    if (this.#ready) return;
    this.#ready = true;
    const { start } = await pages[this.dataset.page ?? ""]();
    start(this);
  }
}
