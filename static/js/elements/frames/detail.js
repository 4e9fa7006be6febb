// @ts-check
// What the list's chosen row is made of: its bytes, its fields and, for an
// event stream, the parser's state. Bytes and fields point at each other.

import { bringIntoView, HexView } from "./hexview.js";
import { FieldList } from "./fields.js";
import { explanation, learn, meanings } from "./meanings.js";
import { summaryOf, violationsOf } from "./summary.js";
import { tintOf } from "./tint.js";
import { element } from "../../lib/dom.js";
import { Throttle } from "../../lib/throttle.js";
import { linesOf, tilesOf } from "../../lib/framerows.js";
import { untilLoaded } from "../../lib/retry.js";
import { addWords, bytesIn, word } from "../../lib/words.js";

/**
 * @typedef {import('../../lib/capture.js').Capture} Capture
 * @typedef {import('../../lib/capture.js').Frame} Frame
 * @typedef {import('../../lib/framerows.js').Row} Row
 * @typedef {import('../../lib/framerows.js').Tile} Tile
 */

/** Width from which a line has 16 bytes, in pixels. */
const WIDE = 470;

/** @param {Tile} tile */
const tintOfTile = (tile) => tintOf(tile.field.name);

/** How often what a frame has come from and led to is told again, in ms. */
const TELL_EVERY = 200;

/** The bytes that may be between two lines: the end of a chunk and the size of the next. */
const LONGEST_FRAMING = 64;

/**
 * Fires on its element 'look', with a tile as detail, when the focus comes to a
 * field or to a byte of it, and 'go', with a frame as detail, when the learner
 * wants to see another one.
 */
export class Detail {
  element = element("section", "frames-detail");
  #title = element("h3", "frames-title");
  #place = element("p", "frames-place");
  #notes = element("div", "frames-notes");
  #parser = element("div", "frames-parser");
  #about = element("div", "frames-about");
  /** @type {import('./background/background.js').Background|undefined} */
  #background;
  /** It comes with the background. @type {typeof import('./parser.js').parserTable|undefined} */
  #parserTable;
  #throttle = new Throttle(() => this.#tellBackground(), TELL_EVERY);
  /** What is still to be drawn of the row. @type {(() => void)[]} */
  #rest = [];
  #drawing = new Throttle(() => this.#drawOn(), 0, 0);
  /** @type {Capture|undefined} */
  #capture;
  /** What the browser reported of the run. @type {import('./background/background.js').Run} */
  #run = { reports: [], started: 0 };
  #bytes = new HexView();
  #fields = new FieldList();
  /** @type {Row|undefined} */
  #row;
  /** How far the row went when it was drawn: it may grow. */
  #length = -1;
  /** Where the mouse leaves to. @type {Tile[]} */
  #marked = [];
  /** @type {{code: string, section: string, message: string, follows?: string}[]} */
  #violations = [];
  #explained = false;

  constructor() {
    this.#title.id = `frames-title-${Math.random().toString(36).slice(2, 8)}`;
    this.element.setAttribute("aria-labelledby", this.#title.id);
    this.element.append(this.#title, this.#place, this.#notes, this.#bytes.element);
    this.element.append(this.#fields.element, this.#about, this.#parser);
    // Who points at a part means what is there of this row.
    for (const point of ["pointerdown", "pointerover"]) this.element.addEventListener(point, () => this.finish(), true);

    for (const part of [this.#bytes, this.#fields]) {
      part.element.addEventListener("point", (event) => {
        const { tiles, focused } = /** @type {CustomEvent} */ (event).detail;
        this.#mark(tiles);
        if (focused) this.#marked = tiles;
        if (focused && tiles[0]) this.element.dispatchEvent(new CustomEvent("look", { detail: tiles[0] }));
        if (part === this.#bytes) this.#reveal(tiles[0]);
        else if (focused) this.#bytes.goTo(tiles[0], false);
      });
      part.element.addEventListener("leave", () => this.#mark(this.#marked));
    }
    this.#bytes.element.addEventListener("enter", (event) => {
      const [tile] = /** @type {CustomEvent} */ (event).detail.tiles;
      if (tile) this.#fields.focus(tile);
    });
    this.#fields.element.addEventListener("enter", (event) => {
      this.#bytes.goTo(/** @type {CustomEvent} */ (event).detail.tiles[0], true);
    });
    this.#bytes.element.addEventListener("page", () => this.#drawWords());

    let seen = false;
    new ResizeObserver(([entry]) => {
      const columns = entry.contentRect.width >= WIDE ? 16 : 8;
      const opened = !seen && entry.contentRect.width > 0;
      seen = entry.contentRect.width > 0;
      if (seen && columns !== this.#bytes.columns) {
        this.#bytes.columns = columns;
        this.#bytes.redraw();
      }
      if (!opened || !this.#marked[0]) return; // while it was hidden, nothing could be scrolled to
      this.#bytes.goTo(this.#marked[0], false);
      this.#reveal(this.#marked[0]);
    }).observe(this.element);
  }

  /** What is shown. */
  get row() {
    return this.#row;
  }

  /**
   * Shows a row; in parts, a part a frame, where the reader goes on from row to row:
   * what a head of HTTP is made of takes longer than a key may wait.
   * @param {Capture} capture @param {Row} row @param {string} time as the list has it @param {boolean} [inParts]
   */
  show(capture, row, time, inParts = false) {
    this.#place.textContent = placeOf(capture, row, time);
    if (row === this.#row && row.length === this.#length) return;
    this.#capture = capture;
    this.#row = row;
    this.#length = row.length;
    this.#marked = [];
    this.#title.textContent = summaryOf(capture, row);
    this.#violations = violationsOf(capture, row);
    this.#rest = [
      () => this.#showBytes(capture, row),
      () => this.#bytes.more(),
      () => this.#drawWords(true),
      () => this.#fields.more(),
      () => this.#showParser(capture, row),
      () => this.#tellBackground(),
    ];
    this.#drawing.schedule();
    if (!inParts) this.finish();
  }

  /** Draws at once what is still to be drawn. */
  finish() {
    while (this.#rest.length > 0) this.#drawing.now();
  }

  #drawOn() {
    this.#rest.shift()?.();
    if (this.#rest.length > 0) this.#drawing.schedule();
  }

  /** @param {Capture} capture @param {Row} row */
  #showBytes(capture, row) {
    this.#bytes.element.hidden = row.length === 0;
    /** @param {number} offset @param {number} length */
    const read = (offset, length) => capture.bytesOf(row.connection, row.from, offset, length);
    this.#bytes.show({ offset: row.offset, length: row.length, tiles: tilesOf(capture, row), tint: tintOfTile, read }, true);
  }

  /** @param {Capture} capture @param {Row} row */
  #showParser(capture, row) {
    const lines = linesOf(capture, row).filter((line) => line.sse);
    const table = lines.length > 0 && this.#parserTable?.(lines, lineBefore(capture, lines[0]));
    this.#parser.replaceChildren(...(table ? [table] : []));
  }

  /** What the browser has reported since, of the run that the rows are of. @param {import('./background/background.js').Run} run */
  tell(run) {
    this.#run = run;
    this.#throttle.schedule();
  }

  /** Says how the row came about and what became of it, once that part is there. */
  #tellBackground() {
    if (this.#capture && this.#row) this.#background?.show(this.#capture, this.#row, this.#run);
  }

  /** Marks the field that begins at a byte, or that has a name there. @param {Capture} capture @param {number} offset @param {string} [name] @param {boolean} [focus] */
  point(capture, offset, name, focus = true) {
    if (!this.#row) return;
    this.finish();
    const tiles = tilesOf(capture, this.#row);
    const at = tiles.filter((tile) => tile.offset <= offset && offset < tile.offset + tile.length);
    const wanted = at.find((tile) => tile.field.name === name) ?? at[0];
    if (!wanted) return;
    this.#bytes.goTo(wanted, false);
    const shown = this.#bytes.tilesOfPage.find((tile) => tile.field === wanted.field);
    if (!shown) return;
    this.#marked = [shown];
    this.#mark(this.#marked);
    if (focus) this.#fields.focus(shown);
    else this.#fields.stopAt(shown);
    this.#reveal(shown);
  }

  focus() {
    this.finish();
    this.#bytes.focus();
  }

  /** From now on, says what the fields mean. */
  explain() {
    if (this.#explained) return;
    this.#explained = true;
    this.#drawWords();
    this.#loadMore().catch(() => {}); // without it bytes and fields are there all the same
  }

  async #loadMore() {
    const [{ Background, parserTable }] = await untilLoaded(() => Promise.all([import("./background/background.js"), addWords("background")]));
    this.#background = new Background();
    this.#background.element.addEventListener("go", (event) => {
      this.element.dispatchEvent(new CustomEvent("go", { detail: /** @type {CustomEvent} */ (event).detail }));
    });
    this.#about.append(this.#background.element);
    this.#tellBackground();
    this.#parserTable = parserTable;
    if (this.#capture && this.#row) this.#showParser(this.#capture, this.#row);
  }

  /** Draws what has explanations in it: at once without them, again when they have come. @param {boolean} [inParts] */
  async #drawWords(inParts = false) {
    this.#paintWords(inParts);
    if (!this.#explained) return;
    const fields = this.#bytes.tilesOfPage.map(({ field }) => field.name);
    const violations = this.#violations.map(({ code }) => `violation.${code}`);
    if (!(await learn([...fields, ...violations]))) return;
    this.#paintWords();
    this.#reveal(this.#marked[0]); // what the fields before it mean has pushed it down
  }

  #paintWords(inParts = false) {
    const focused = this.#fields.focused;
    this.#fields.show(this.#bytes.tilesOfPage, tintOfTile, meanings, inParts);
    if (focused) this.#fields.focus(focused);
    this.#mark(this.#marked);

    const notes = this.#violations.map(({ code, section, message, follows }) => {
      const note = element("div", "frames-violation");
      note.append(element("b", "", word("viewer.violation")), " ");
      if (follows) note.append(element("span", "frames-follows", word("viewer.follows")), " ");
      const meaning = meanings[`violation.${code}`];
      note.append(meaning ? explanation(meaning) : `${message} ${section}`);
      return note;
    });
    if (this.#row && ["open", "end", "foreign"].includes(this.#row.kind)) {
      notes.push(element("p", "", word(`viewer.note.${noteOf(this.#row)}`)));
    }
    this.#notes.replaceChildren(...notes);
  }

  /** Scrolls to a field below the bytes, which stay where they are. @param {Tile|undefined} tile */
  #reveal(tile) {
    const item = tile && this.#fields.itemOf(tile);
    if (item) bringIntoView(this.element, item, this.#bytes.element.offsetHeight);
  }

  /** @param {Tile[]} tiles */
  #mark(tiles) {
    this.#bytes.mark(tiles);
    this.#fields.mark(tiles);
  }
}

/** The line before one, if there is only framing between them. @param {Capture} capture @param {Frame} line */
function lineBefore(capture, { connection, from, offset, stream }) {
  return capture.linesIn(connection, from, offset - LONGEST_FRAMING, offset, stream).at(-1);
}

/** Which words explain a row that is no frame. @param {Row} row */
function noteOf({ kind, how }) {
  if (kind !== "end") return kind;
  return how === "fin" || how === "reset" ? how : "other";
}

/** @param {Capture} capture @param {Row} row @param {string} time */
function placeOf(capture, row, time) {
  const parts = [word("viewer.connection", { number: row.connection }), word(`viewer.sent.${row.from}`)];
  if (row.length > 0) parts.push(word("viewer.range", { from: row.offset, to: row.offset + row.length - 1 }));
  const protocol = row.frames[0] && { http1: "HTTP/1.1", http2: "HTTP/2", ndjson: "NDJSON", json: "JSON", sse: "SSE", websocket: "WebSocket" }[row.frames[0].protocol];
  if (protocol) parts.unshift(protocol);
  const left = row.frames[0]?.window;
  if (left !== undefined) parts.push(word("viewer.window", { bytes: bytesIn(left) }));
  if (time) parts.push(`${time} s`);
  return parts.join(" · ");
}
