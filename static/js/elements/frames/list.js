// @ts-check
// The list of frames. Only the rows that can be seen are in the document, so
// that a list of twenty thousand costs what a list of thirty does.

/** @typedef {import('../../lib/framerows.js').Row} Row */

/** Rows made beyond each edge of what is seen, so that scrolling finds them there. */
const MARGIN = 8;

/**
 * Fires 'choose' on its element, with the row as detail, when the learner
 * chooses one, and 'wander' when they scroll away from the end.
 *
 * The list itself has the focus, not a row: rows come and go with scrolling.
 */
export class FrameList {
  element = document.createElement("div");
  /** @type {Row[]} */
  #rows = [];
  /** @type {Row|undefined} */
  #selected;
  #space = document.createElement("div");
  /** The rows that are in the document. @type {Map<Row, HTMLElement>} */
  #shown = new Map();
  #render;
  #rowHeight = 0;
  // Kept here, because asking the document for them makes it lay itself out.
  #top = 0;
  #viewHeight = 0;
  #prefix = `frame-${Math.random().toString(36).slice(2, 8)}`;
  #nextId = 0;
  #queued = false;

  /**
   * @param {string} label
   * @param {(row: Row, element: HTMLElement) => void} render fills a row
   */
  constructor(label, render) {
    this.#render = render;
    this.element.className = "frames-list";
    this.element.tabIndex = 0;
    this.element.setAttribute("role", "listbox");
    this.element.setAttribute("aria-label", label);
    this.#space.className = "frames-space";
    this.#space.setAttribute("role", "presentation");
    this.element.append(this.#space);

    this.element.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.element.addEventListener("wheel", (event) => event.deltaY < 0 && this.#wander(), { passive: true });
    this.element.addEventListener("touchmove", () => this.#wander(), { passive: true });
    this.element.addEventListener("keydown", (event) => this.#keydown(event));
    this.element.addEventListener("click", (event) => this.#click(event));
    new ResizeObserver(() => {
      // What was chosen stays in sight where the room gets less, or is there for the first time.
      const seen = this.#viewHeight === 0 || this.#isSeen(this.#selected);
      this.#rowHeight = 0;
      this.#viewHeight = this.element.clientHeight;
      this.#top = this.element.scrollTop; // before it had a height, it could not be scrolled
      if (seen && this.#selected) this.#reveal(this.#rows.lastIndexOf(this.#selected));
      this.#queue();
    }).observe(this.element);
  }

  get selected() {
    return this.#selected;
  }

  /** Whether a row is shown. @param {Row} row */
  has(row) {
    return this.#rows.includes(row);
  }

  /** Shows these rows; the list is the caller's and may have grown. @param {Row[]} rows */
  update(rows) {
    this.#rows = rows;
    // What a row says can change while it is the newest: a block gets lines.
    const last = rows.at(-1);
    const element = last && this.#shown.get(last);
    if (last && element) this.#fill(last, element);
    this.#draw();
  }

  /** Selects a row and scrolls to it. @param {Row|undefined} row */
  select(row) {
    if (row) this.#reveal(this.#rows.lastIndexOf(row));
    this.mark(row);
  }

  /** Selects a row and leaves the list where it is. @param {Row|undefined} row */
  mark(row) {
    this.#selected = row;
    this.#draw();
  }

  scrollToEnd() {
    this.#scrollTo(this.#end);
    this.#draw();
  }

  /** Fills all rows again. */
  refresh() {
    for (const element of this.#shown.values()) element.remove();
    this.#shown.clear();
    this.#draw();
  }

  #scrolled() {
    this.#top = this.element.scrollTop;
    this.#queue();
  }

  /** The farthest that it can be scrolled. */
  get #end() {
    return Math.max(0, this.#rows.length * this.#height() - this.#viewHeight);
  }

  /** @param {number} top */
  #scrollTo(top) {
    if (this.#viewHeight === 0) return; // hidden, it can't be scrolled: what is chosen is revealed when it is shown
    this.#top = Math.min(Math.max(0, top), this.#end);
    this.#space.style.height = `${this.#rows.length * this.#height()}px`;
    this.element.scrollTop = this.#top;
  }

  #queue() {
    if (this.#queued) return;
    this.#queued = true;
    requestAnimationFrame(() => {
      this.#queued = false;
      this.#draw();
    });
  }

  #draw() {
    const height = this.#height();
    this.#space.style.height = `${this.#rows.length * height}px`;
    this.#top = Math.min(this.#top, this.#end); // with fewer rows, a browser scrolls back and need not tell
    const first = Math.max(0, Math.floor(this.#top / height) - MARGIN);
    const end = Math.min(this.#rows.length, Math.ceil((this.#top + this.#viewHeight) / height) + MARGIN);

    const gone = new Set(this.#shown.keys());
    for (let i = first; i < end; i++) {
      const row = this.#rows[i];
      gone.delete(row);
      const element = this.#shown.get(row) ?? this.#make(row);
      element.style.top = `${i * height}px`;
      element.setAttribute("aria-posinset", String(i + 1));
      element.setAttribute("aria-setsize", String(this.#rows.length));
      element.setAttribute("aria-selected", String(row === this.#selected));
    }
    for (const row of gone) {
      this.#shown.get(row)?.remove();
      this.#shown.delete(row);
    }
    const current = this.#selected && this.#shown.get(this.#selected);
    if (current) this.element.setAttribute("aria-activedescendant", current.id);
    else this.element.removeAttribute("aria-activedescendant");
  }

  /** @param {Row} row */
  #make(row) {
    const element = document.createElement("div");
    element.id = `${this.#prefix}-${this.#nextId++}`;
    element.className = "frames-row";
    element.setAttribute("role", "option");
    this.#fill(row, element);
    this.#shown.set(row, element);
    this.#space.append(element);
    return element;
  }

  /** @param {Row} row @param {HTMLElement} element */
  #fill(row, element) {
    element.replaceChildren();
    this.#render(row, element);
  }

  /** The height of a row as the style sheet has it, in pixels. */
  #height() {
    if (this.#rowHeight === 0) {
      this.#rowHeight = Number.parseFloat(getComputedStyle(this.element).getPropertyValue("--row-height")) || 28;
    }
    return this.#rowHeight;
  }

  /** Whether a row is in sight. @param {Row|undefined} row */
  #isSeen(row) {
    const top = (row ? this.#rows.lastIndexOf(row) : -1) * this.#height();
    return top >= this.#top && top + this.#height() <= this.#top + this.#viewHeight;
  }

  /** Scrolls to a row, and a row on beyond it, so that it can be seen between what it came after and what follows. @param {number} index */
  #reveal(index) {
    if (index < 0 || this.#viewHeight === 0) return;
    const height = this.#height();
    const beyond = this.#viewHeight < 3 * height ? 0 : height;
    const [top, bottom] = [index * height - beyond, (index + 1) * height + beyond - this.#viewHeight];
    if (top < this.#top) this.#scrollTo(top);
    else if (bottom > this.#top) this.#scrollTo(bottom);
  }

  #wander() {
    this.element.dispatchEvent(new CustomEvent("wander"));
  }

  /** @param {MouseEvent} event */
  #click(event) {
    const option = /** @type {Element} */ (event.target).closest("[role=option]");
    for (const [row, element] of this.#shown) if (element === option) this.#choose(row);
  }

  /** @param {KeyboardEvent} event */
  #keydown(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const page = Math.max(1, Math.floor(this.#viewHeight / this.#height()) - 1);
    const now = this.#selected ? this.#rows.lastIndexOf(this.#selected) : -1;
    const last = this.#rows.length - 1;
    /** @type {Record<string, number>} */
    const places = {
      ArrowUp: now - 1,
      ArrowDown: now + 1,
      PageUp: now - page,
      PageDown: now + page,
      Home: 0,
      End: last,
    };
    if (!(event.key in places) || last < 0) return;
    event.preventDefault();
    this.#choose(this.#rows[Math.max(0, Math.min(last, places[event.key]))]);
  }

  /** @param {Row} row */
  #choose(row) {
    this.select(row);
    this.element.dispatchEvent(new CustomEvent("choose", { detail: row }));
  }
}
