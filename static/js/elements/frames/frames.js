// @ts-check
/**
 * The raw-frame viewer: every frame of a capture in a list, and the bytes and
 * fields of the one that is chosen.
 *
 * Usage:
 *   <seewire-frames still></seewire-frames>    nothing more will come: it begins at the first frame
 *   <seewire-frames recorded>…what is shown without JavaScript…</seewire-frames>
 *
 *   element.capture = capture;             // lib/capture.js; what is inside makes way
 *   element.started = 1732262400000.5;     // epoch ms on the browser's clock: where times count from
 *   element.reports = reports;             // what the browser handed to the code; may grow: set it again then
 *   element.select('http.last_event_id');  // the newest frame with this field, and the field in it
 *   element.select({ connection: 2, from: 'server', offset: 129 });
 *   element.selectNear({ side: 'sse', at: 1732262400000.5, field: 'http.last_event_id' });
 *   element.addEventListener('chosen', ({ detail: { row, side, at } }) => …);   // undefined where it follows the newest
 *
 * It follows the newest frame until the learner chooses one. A frame that was
 * chosen, and a field of it, are in the page's address:
 * #frame=2.server.129&field=0.sse.id, the field with its place in the frame.
 */

import { Detail } from "./detail.js";
import { Filter } from "./filter.js";
import { FrameList } from "./list.js";
import { protocolOf, rowText, summaryOf, violationsOf } from "./summary.js";
import { element } from "../../lib/dom.js";
import { parametersOf, withParameters } from "../../lib/fragment.js";
import { Throttle } from "../../lib/throttle.js";
import { addressOf, parseAddress, Rows } from "../../lib/framerows.js";
import { bytesIn, word } from "../../lib/words.js";

/**
 * @typedef {import('../../lib/capture.js').Capture} Capture
 * @typedef {import('../../lib/capture.js').From} From
 * @typedef {import('../../lib/framerows.js').Row} Row
 * @typedef {import('../../lib/framerows.js').Tile} Tile
 * @typedef {{connection: number, from: From, offset: number, field?: {name: string, offset: number}}} Place
 */

/** How often the list takes in what is new, in ms. */
const DRAW_EVERY = 60;

/** After this long at a frame, in ms, it is in the page's address: browsers slow down who changes that at every key. */
const ADDRESS_AFTER = 200;

/** How often the byte view goes on to the newest frame: faster can't be read. In ms. */
const FOLLOW_EVERY = 250;

export class SeewireFrames extends HTMLElement {
  static observedAttributes = ["recorded"];

  /** @type {Capture|undefined} */
  #capture;
  #rows = /** @type {Rows} */ (/** @type {unknown} */ (undefined));
  #started = 0;
  /** @type {any[]} */
  #reports = [];
  #following = true;
  /** Whether the first frame is shown and not the newest. */
  #beginning = false;
  /** A place asked for that has not arrived yet. @type {Place|undefined} */
  #wanted;
  #list = new FrameList(word("viewer.list_label"), (row, made) => this.#render(row, made));
  #detail = new Detail();
  #bar = element("div", "frames-bar");
  #count = element("span", "frames-count");
  #filter = new Filter();
  #follow = element("button", "frames-follow");
  #empty = element("p", "frames-empty", word("viewer.empty"));
  #lastShown = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #throttle = new Throttle(() => this.#changed(), DRAW_EVERY);
  #update = () => this.#throttle.schedule();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #addressing;

  get capture() {
    return this.#capture;
  }

  set capture(capture) {
    if (capture === this.#capture) return;
    this.#capture?.removeEventListener("change", this.#update);
    this.#capture = capture;
    if (!capture) return;
    capture.addEventListener("change", this.#update);
    this.#rows = new Rows(capture);
    this.#reports = [];
    this.#following = !this.hasAttribute("still");
    this.#beginning = false;
    if (!this.#following) this.#wanted = this.#addressed();
    this.#list.select(undefined);
    this.#list.refresh();
    if (this.firstChild !== this.#empty) this.#build();
    this.#throttle.now();
    this.dispatchEvent(new Event("capture"));
  }

  get started() {
    return this.#started;
  }

  set started(time) {
    this.#started = time;
    this.#list.refresh();
    if (this.#list.selected) this.#show(this.#list.selected);
  }

  get reports() {
    return this.#reports;
  }

  set reports(reports) {
    this.#reports = reports;
    this.#detail.tell({ reports, started: this.#started });
  }

  disconnectedCallback() {
    this.#capture?.removeEventListener("change", this.#update);
    clearTimeout(this.#timer);
    clearTimeout(this.#addressing);
    this.#throttle.cancel();
  }

  connectedCallback() {
    this.#capture?.addEventListener("change", this.#update);
    this.#wanted = this.#addressed();
  }

  attributeChangedCallback() {
    if (this.#capture) this.#sayCount();
  }

  /** The page's address speaks of its first viewer. */
  get #hasAddress() {
    return document.querySelector(this.localName) === this;
  }

  /** The place that the page's address speaks of. @returns {Place|undefined} */
  #addressed() {
    if (!this.#hasAddress) return undefined;
    const parameters = parametersOf(location.hash);
    const frame = parseAddress(parameters.get("frame") ?? "");
    const [, offset, name] = /^(\d+)\.(.+)$/.exec(parameters.get("field") ?? "") ?? [];
    return frame && { ...frame, field: name ? { name, offset: Number(offset) } : undefined };
  }

  /** @param {Row} row @param {Tile} [tile] */
  #setAddress(row, tile) {
    if (!this.#hasAddress) return;
    const field = tile && `${tile.offset - row.offset}.${tile.field.name}`;
    clearTimeout(this.#addressing);
    this.#addressing = setTimeout(() => {
      history.replaceState(history.state, "", withParameters(location.hash, { frame: addressOf(row), field }));
    }, ADDRESS_AFTER);
  }

  /**
   * Shows a frame, and in it a field. What is not there yet is shown when it comes.
   * @param {string|Place} what the name of a field, or where a frame or field begins
   * @returns {boolean} whether it is there
   */
  select(what) {
    if (!this.#capture) return false;
    this.#rows.update();
    if (typeof what === "string") {
      const found = this.#rows.newestWith(what);
      if (!found) return false;
      this.#choose(found.row, { name: what, offset: found.offset });
      return true;
    }
    const row = this.#rows.at(what.connection, what.from, what.offset);
    this.#wanted = row ? undefined : what;
    if (!row) return false;
    this.#choose(row, what.field && { name: what.field.name, offset: row.offset + what.field.offset });
    return true;
  }

  /**
   * Shows what went over the wire at a moment, and in it a field. The page's
   * address stays: nobody has pointed at it.
   * @param {{side: import('../../lib/capture.js').Side, at: number, field?: string}} moment on the browser's clock
   * @returns {boolean} whether there is anything
   */
  selectNear({ side, at, field }) {
    if (!this.#capture) return false;
    this.#rows.update();
    const found = this.#rows.near(side, at + this.#capture.clockOffset, field);
    if (found) this.#choose(found.row, found.offset === undefined ? undefined : { name: field ?? "", offset: found.offset }, false);
    return found !== undefined;
  }

  /** Whether any frame has a field of that name. @param {string} name */
  has(name) {
    this.#rows?.update();
    return this.#rows?.newestWith(name) !== undefined;
  }

  /** Shows the first frame, and goes on following: nobody has chosen it. */
  selectFirst() {
    this.#beginning = true;
    this.#changed();
  }

  /** Moves the focus to the bytes. */
  focusBytes() {
    this.#detail.focus();
  }

  /** What is shown, in words. */
  get said() {
    const row = this.#list.selected;
    return row ? [`${this.#timeOf(row)} s`, summaryOf(/** @type {Capture} */ (this.#capture), row)].join(" · ") : "";
  }

  /** Whether nobody has chosen a frame yet. */
  get following() {
    return this.#following;
  }

  /** What is shown. */
  get chosen() {
    return this.#list.selected;
  }

  #build() {
    this.#bar.append(element("h3", "visually-hidden", word("viewer.heading")), this.#count, this.#filter.element);
    this.#follow.title = word("viewer.follow");
    this.replaceChildren(this.#empty, this.#bar, this.#list.element, this.#follow, this.#detail.element);
    this.#filter.element.addEventListener("change", () => {
      this.#list.refresh();
      this.#changed();
    });
    this.#follow.addEventListener("click", () => this.#startFollowing());
    this.#list.element.addEventListener("choose", (event) => this.#choose(/** @type {CustomEvent} */ (event).detail, undefined, true, true));
    // What Tab leads to has to be there.
    this.#list.element.addEventListener("keydown", ({ key }) => key === "Tab" && this.#detail.finish());
    this.#list.element.addEventListener("wander", () => this.#stopFollowing());
    // A reader who looks into a frame's bytes wants their meaning, and the selection to stay.
    for (const look of ["focusin", "pointerdown", "pointerover"]) {
      this.#detail.element.addEventListener(look, () => this.#detail.explain());
    }
    for (const stay of ["focusin", "pointerdown"]) {
      this.#detail.element.addEventListener(stay, () => this.#stopFollowing());
    }
    this.#detail.element.addEventListener("go", (event) => {
      this.#list.element.focus(); // the link that was pressed goes with its frame
      this.select(/** @type {CustomEvent} */ (event).detail);
    });
    this.#detail.element.addEventListener("look", (event) => {
      const row = this.#detail.row;
      if (row && row === this.#list.selected) this.#setAddress(row, /** @type {CustomEvent} */ (event).detail);
    });
  }

  #changed() {
    if (!this.#capture) return;
    this.#rows.update();
    this.#fillList();
    this.#sayCount();
    if (this.#wanted && this.select(this.#wanted)) return;
    if (this.#beginning && this.#following) this.#showFirst();
    else if (this.#following) this.#showNewest();
    else if (this.#list.selected) this.#show(this.#list.selected); // it may have grown
    else this.#showFirst();
  }

  #fillList() {
    const all = this.#rows.list;
    this.toggleAttribute("empty", all.length === 0);
    this.toggleAttribute("untimed", all.length > 0 && all[0].time <= 0);
    this.#list.update(this.#filter.of(/** @type {Capture} */ (this.#capture), all));
  }

  #sayCount() {
    const capture = /** @type {Capture} */ (this.#capture);
    const count = this.#rows.list.length;
    const parts = [word("viewer.count", { count })];
    if (this.hasAttribute("recorded")) parts.unshift(word("viewer.recorded"));
    if (capture.missing > 0) parts.push(word("viewer.gap", { bytes: bytesIn(capture.missing) }));
    if (capture.dropped > 0) parts.push(word("viewer.dropped", { bytes: bytesIn(capture.dropped) }));
    for (const { code, count } of capture.leftOut) parts.push(word(`viewer.note.${code}`, { count, bytes: bytesIn(count) }));
    if (capture.forgotten > 0) parts.push(word("viewer.forgotten", { count: capture.forgotten }));
    this.#count.textContent = parts.join(" · ");
    const newest = this.#rows.list.at(-1);
    this.#follow.hidden = this.#following || !newest || this.hasAttribute("still");
    if (newest && !this.#follow.hidden) {
      this.#follow.className = "frames-follow frames-row";
      this.#follow.replaceChildren();
      this.#render(newest, this.#follow);
      this.#follow.title = word("viewer.follow");
    }
  }

  /** At once when the last time is long enough ago, else when it is. */
  #showNewest() {
    this.#list.scrollToEnd();
    const wait = this.#lastShown + FOLLOW_EVERY - performance.now();
    clearTimeout(this.#timer);
    if (wait > 0) {
      this.#timer = setTimeout(() => this.#following && this.#showNewest(), wait);
      return;
    }
    this.#lastShown = performance.now();
    // The end of a connection has no bytes to look at.
    const row = this.#rows.list.findLast((row) => row.length > 0) ?? this.#rows.list.at(-1);
    if (!row) return;
    this.#list.mark(row);
    this.#show(row, true);
    this.#tell(undefined);
  }

  #showFirst() {
    const row = this.#rows.list.find((row) => row.length > 0) ?? this.#rows.list[0];
    if (!row) return;
    this.#list.select(row);
    this.#show(row);
  }

  /** @param {Row} row @param {{name: string, offset: number}} [field] @param {boolean} [byReader] @param {boolean} [goingOn] whether from row to row, in the list */
  #choose(row, field, byReader = true, goingOn = false) {
    this.#stopFollowing();
    if (!this.#list.has(row)) this.#filter.clear(); // what is chosen is shown
    this.#fillList(); // it may be the first
    this.#list.select(row);
    this.#show(row, goingOn);
    if (byReader) this.#setAddress(row);
    if (field) this.#detail.point(/** @type {Capture} */ (this.#capture), field.offset, field.name, byReader);
    this.#tell(row);
  }

  /** Tells the page what is chosen. @param {Row|undefined} row */
  #tell(row) {
    const capture = /** @type {Capture} */ (this.#capture);
    const detail = row && { row, side: capture.sideOf(row.connection), at: row.time - capture.clockOffset };
    this.dispatchEvent(new CustomEvent("chosen", { detail }));
  }

  /** @param {Row} row @param {boolean} [inParts] */
  #show(row, inParts = false) {
    this.#detail.tell({ reports: this.#reports, started: this.#started });
    this.#detail.show(/** @type {Capture} */ (this.#capture), row, this.#timeOf(row), inParts);
    // A recording is shown before the reader has selected anything.
    if (!this.#following || !this.hasAttribute("recorded")) this.#detail.explain();
  }

  #stopFollowing() {
    if (!this.#following) return;
    this.#following = false;
    this.#sayCount();
  }

  #startFollowing() {
    this.#beginning = false;
    this.#following = true;
    this.#wanted = undefined;
    this.#list.element.focus();
    this.#showNewest();
    this.#sayCount();
  }

  /** Seconds since the start, on the browser's clock; nothing for bytes that have no time. @param {Row} row */
  #timeOf(row) {
    if (row.time <= 0) return "";
    const offset = this.#capture?.clockOffset ?? 0;
    const start = this.#started || (this.#rows.list[0]?.time ?? 0) - offset;
    return ((row.time - offset - start) / 1000).toFixed(3);
  }

  /** @param {Row} row @param {HTMLElement} made */
  #render(row, made) {
    const capture = /** @type {Capture} */ (this.#capture);
    const violated = violationsOf(capture, row).length > 0;
    made.dataset.side = capture.sideOf(row.connection);
    // A reset is trouble; a connection that was closed in order is not.
    made.classList.toggle("trouble", violated || (row.kind === "end" && row.how !== "fin"));
    const arrow = element("span", "frames-arrow", arrowOf(row));
    arrow.setAttribute("aria-label", word(`viewer.sent.${row.from}`));
    arrow.setAttribute("role", "img");
    made.append(element("span", "frames-time", this.#timeOf(row)), arrow);
    made.append(element("span", "frames-side", protocolOf(capture, row)));
    const text = element("span", "frames-text", rowText(capture, row));
    const hop = capture.hopOf(row.connection) || capture.front;
    if (hop) text.prepend(element("span", "frames-hop", word(`viewer.hop.${hop}`)), " ");
    made.title = summaryOf(capture, row);
    made.append(text);
  }
}

/** @param {Row} row */
function arrowOf(row) {
  if (row.kind === "open") return "○";
  if (row.kind === "end") return "×";
  return row.from === "client" ? "↑" : "↓";
}
