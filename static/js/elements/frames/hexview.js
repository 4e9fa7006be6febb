// @ts-check
// The byte view: a row's bytes in hexadecimal and as text, each on the tint of
// its field, and the bits of those that are divided. It shows a page at a time,
// so that a megabyte costs no more than half a kilobyte.

import { bitsAt, hex, textAt, unmask } from "./bits.js";
import { element } from "../../lib/dom.js";
import { word } from "../../lib/words.js";

/**
 * @typedef {import('../../lib/framerows.js').Tile} Tile
 *
 * @typedef {object} Content
 * @property {number} offset                                  of the first byte, in its direction
 * @property {number} length
 * @property {Tile[]} tiles                                   in order
 * @property {(tile: Tile) => number} tint                    1 to 8
 * @property {(offset: number, length: number) => Uint8Array} read
 */

/** Bytes on a page. */
export const PAGE = 512;

/** Bytes that are drawn at once where more of the page may come a moment later: more than are in sight. */
const FIRST = 192;

/** What a divided byte's fields are called where there is only room for a word of the RFC. @type {Record<string, string>} */
const SHORT_NAMES = {
  "websocket.fin": "FIN",
  "websocket.rsv1": "RSV1",
  "websocket.rsv2": "RSV2",
  "websocket.rsv3": "RSV3",
  "websocket.opcode": "opcode",
  "websocket.mask": "MASK",
  "websocket.payload_length": "length",
  "http2.flags.end_stream": "END_STREAM",
  "http2.flags.eh": "END_HEADERS",
  "http2.flags.padded": "PADDED",
  "http2.flags.priority": "PRIORITY",
  "http2.flags.ack.settings": "ACK",
  "http2.flags.ack.ping": "ACK",
  "http2.streamid": "stream",
  "http2.header.repr": "form",
  "http2.header.name.huffman": "H",
  "http2.header.value.huffman": "H",
  "http2.header.name.length": "length",
  "http2.header.value.length": "length",
};

/**
 * Fires on its element 'point' when the mouse or the keyboard comes to a byte
 * (detail: {tiles, focused}), 'leave', 'enter' for the Enter key, and 'page'
 * when another page is shown.
 */
export class HexView {
  element = document.createElement("div");
  /** In lines of 16 bytes, or 8 where there is no room. */
  columns = 16;
  /** The key of what is said while no byte is pointed at. */
  hint = "viewer.byte_hint";

  #grid = document.createElement("div");
  #pager = document.createElement("p");
  #status = document.createElement("p");
  #bits = document.createElement("div");
  #mask = document.createElement("p");
  /** @type {Content} */
  #content = { offset: 0, length: 0, tiles: [], tint: () => 1, read: () => new Uint8Array() };
  /** Where the page begins, counted from the content's first byte. */
  #page = 0;
  /** The byte that has, or would get, the focus; counted like #page. */
  #place = 0;
  /** @type {Uint8Array} */
  #bytes = new Uint8Array();
  /** What unmask() makes of a byte; undefined where none is masked. @type {(number|undefined)[]} */
  #plain = [];
  /** What stands for each byte in the column of text. @type {string[]} */
  #text = [];
  /** The tiles of each byte of the page. @type {Tile[][]} */
  #tiles = [];
  /** @type {HTMLElement[][]} */
  #cells = [];
  /** @type {Map<Tile, HTMLElement[]>} */
  #bitCells = new Map();

  constructor() {
    this.element.className = "bytes";
    this.#grid.className = "bytes-grid";
    this.#grid.setAttribute("role", "grid");
    this.#grid.setAttribute("aria-label", word("viewer.bytes_label"));
    this.#pager.className = "bytes-pager";
    this.#status.className = "bytes-status";
    this.#bits.className = "bytes-bits";
    this.#mask.className = "bytes-mask";
    this.element.append(this.#grid, this.#pager, this.#mask, this.#status, this.#bits);

    this.#grid.addEventListener("keydown", (event) => this.#keydown(event));
    this.element.addEventListener("pointerover", (event) => this.#pointed(event, false));
    this.#grid.addEventListener("focusin", (event) => this.#pointed(event, true));
    this.element.addEventListener("click", (event) => this.#clicked(event));
    this.element.addEventListener("pointerleave", () => this.#fire("leave"));
  }

  /** @param {Content} content @param {boolean} [inParts] only the first part: more() is to follow */
  show(content, inParts = false) {
    this.#content = content;
    this.#page = 0;
    this.#place = 0;
    this.#draw(inParts ? FIRST : PAGE);
  }

  /** Draws what show() has left. */
  more() {
    this.#addLines(this.#bytes.length);
  }

  /** The fields of the page. */
  get tilesOfPage() {
    return [...new Set(this.#tiles.flat())];
  }

  /** Draws again, for another number of columns. */
  redraw() {
    this.#draw();
  }

  /** Outlines the bytes and bits of fields. @param {Tile[]} tiles */
  mark(tiles) {
    const marked = new Set(tiles);
    this.#tiles.forEach((covering, i) => {
      const on = covering.some((tile) => marked.has(tile));
      for (const cell of this.#cells[i] ?? []) cell.classList.toggle("on", on);
    });
    for (const [tile, cells] of this.#bitCells) {
      for (const cell of cells) cell.classList.toggle("on", marked.has(tile));
    }
  }

  /** Brings a field's first byte onto the page. @param {Tile} tile @param {boolean} focus */
  goTo(tile, focus) {
    this.#place = Math.max(0, Math.min(this.#content.length - 1, tile.offset - this.#content.offset));
    const page = this.#place - (this.#place % PAGE);
    if (page !== this.#page) this.#turn(page);
    if (focus) this.#focus();
    else this.#describe(this.#place - this.#page);
    const cell = this.#cells[this.#place - this.#page]?.[0];
    if (cell) bringIntoView(this.#grid, cell, 0);
  }

  #draw(bytes = PAGE) {
    const { offset, length, tiles, read } = this.#content;
    this.#bytes = read(offset + this.#page, Math.min(PAGE, length - this.#page));
    this.#tiles = Array.from(this.#bytes, () => []);
    for (const tile of tiles) {
      const start = Math.max(0, tile.offset - offset - this.#page);
      const end = Math.min(this.#bytes.length, tile.offset - offset - this.#page + tile.length);
      for (let i = start; i < end; i++) this.#tiles[i].push(tile);
    }
    this.#unmask();
    this.#drawGrid(bytes);
    this.#drawPager();
    this.#drawBits();
    this.#describe(-1);
  }

  #unmask() {
    this.#plain = [];
    this.#mask.hidden = true;
    for (const tile of new Set(this.#tiles.flat())) {
      if (!/^websocket\.payload($|\.)/.test(tile.field.name)) continue;
      const key = tile.frame.fields.find((field) => field.name === "websocket.masking_key");
      if (!key || key.length !== 4) continue;
      const keyOffset = tile.frame.offset + key.offset;
      const keyBytes = this.#content.read(keyOffset, 4);
      const first = this.#content.offset + this.#page;
      const start = Math.max(0, tile.offset - first);
      const masked = this.#bytes.subarray(start, tile.offset + tile.length - first);
      const plain = unmask(masked, keyBytes, first + start - keyOffset - 4);
      plain.forEach((byte, i) => (this.#plain[start + i] = byte));
      this.#mask.hidden = false;
      this.#mask.textContent = word("viewer.unmasked", { key: Array.from(keyBytes, hex).join(" ") });
    }
  }

  /** @param {number} bytes */
  #drawGrid(bytes) {
    const readable = this.#bytes.map((byte, i) => this.#plain[i] ?? byte);
    this.#text = textAt(readable);
    this.#cells = [];
    this.#grid.replaceChildren();
    this.#addLines(Math.min(bytes, this.#bytes.length));
    this.#grid.style.setProperty("--columns", String(this.columns));
    this.#grid.hidden = this.#bytes.length === 0;
    if (!this.#cells.some(([cell]) => cell.tabIndex === 0) && this.#cells[0]) this.#cells[0][0].tabIndex = 0;
  }

  /** Adds lines up to a byte of the page. @param {number} to */
  #addLines(to) {
    const lines = [];
    for (let start = this.#cells.length; start < to; start += this.columns) {
      const line = element("div", "bytes-line");
      line.setAttribute("role", "row");
      const at = element("span", "bytes-at", (this.#page + start).toString(16).padStart(4, "0"));
      at.setAttribute("role", "rowheader");
      const hexes = element("span", "bytes-hex");
      hexes.setAttribute("role", "presentation");
      const texts = element("span", "bytes-text");
      texts.setAttribute("aria-hidden", "true");
      for (let i = start; i < Math.min(start + this.columns, this.#bytes.length); i++) {
        const cell = element("span", "byte", hex(this.#bytes[i]));
        cell.setAttribute("role", "gridcell");
        cell.tabIndex = this.#page + i === this.#place ? 0 : -1;
        const letter = element("span", /^[ -~]$/.test(this.#text[i]) ? "letter" : "letter other", this.#text[i]);
        this.#paint(cell, i);
        this.#paint(letter, i);
        cell.dataset.byte = letter.dataset.byte = String(i);
        hexes.append(cell);
        texts.append(letter);
        this.#cells.push([cell, letter]);
      }
      line.append(at, hexes, texts);
      lines.push(line);
    }
    this.#grid.append(...lines);
  }

  /** @param {HTMLElement} cell @param {number} i */
  #paint(cell, i) {
    const bits = bitsAt(this.#content.offset + this.#page + i, this.#tiles[i]);
    if (!bits) {
      const tile = this.#tiles[i][0];
      if (tile) cell.classList.add(`tint-${this.#content.tint(tile)}`);
      return;
    }
    const stops = bits.map((tile, bit) => {
      const colour = tile ? `var(--field-${this.#content.tint(tile)})` : "transparent";
      return `${colour} ${bit * 12.5}% ${(bit + 1) * 12.5}%`;
    });
    cell.style.background = `linear-gradient(90deg, ${stops.join(", ")})`;
  }

  #drawPager() {
    const { length } = this.#content;
    const last = length - 1 - ((length - 1) % PAGE);
    this.#pager.hidden = length <= PAGE;
    if (this.#pager.hidden) return;
    const range = word("viewer.page", {
      from: this.#page,
      to: this.#page + this.#bytes.length - 1,
      total: length,
    });
    /** @type {[string, string, number][]} */
    const steps = [
      ["viewer.page_first", "⇤", 0],
      ["viewer.page_previous", "←", this.#page - PAGE],
      ["viewer.page_next", "→", this.#page + PAGE],
      ["viewer.page_last", "⇥", last],
    ];
    const buttons = steps.map(([key, sign, page]) => {
      const button = element("button", "bytes-turn", sign);
      button.setAttribute("aria-label", word(key));
      button.title = word(key);
      const useless = page < 0 || page > last || page === this.#page;
      button.setAttribute("aria-disabled", String(useless));
      button.dataset.step = key;
      button.addEventListener("click", () => {
        if (useless) return;
        this.#place = page;
        this.#turn(page);
        // The buttons are new ones: the focus stays on the one that was pressed.
        /** @type {HTMLElement|null} */ (this.#pager.querySelector(`[data-step="${key}"]`))?.focus();
      });
      return button;
    });
    this.#pager.replaceChildren(...buttons.slice(0, 2), element("span", "", range), ...buttons.slice(2));
  }

  #drawBits() {
    this.#bitCells.clear();
    const groups = [];
    for (let i = 0; i < this.#bytes.length && groups.length < 8; i++) {
      const bits = bitsAt(this.#content.offset + this.#page + i, this.#tiles[i]);
      if (bits) groups.push(this.#bitGroup(i, bits));
    }
    this.#bits.replaceChildren(...groups);
    this.#bits.hidden = groups.length === 0;
    this.element.toggleAttribute("data-bits", !this.#bits.hidden);
  }

  /** One byte as eight bits, with the names of its fields under them. @param {number} i @param {(Tile|undefined)[]} bits */
  #bitGroup(i, bits) {
    const group = element("div", "bits");
    group.append(element("span", "bits-byte", hex(this.#bytes[i])));
    for (let bit = 0; bit < 8;) {
      const tile = bits[bit];
      let end = bit + 1;
      while (end < 8 && bits[end] === tile) end++;
      const cell = element("span", "bits-field");
      cell.style.setProperty("--bits", String(end - bit));
      cell.dataset.byte = String(i);
      for (; bit < end; bit++) cell.append(element("span", "bit", String((this.#bytes[i] >> (7 - bit)) & 1)));
      if (tile) {
        cell.classList.add(`tint-${this.#content.tint(tile)}`);
        const name = SHORT_NAMES[tile.field.name] ?? tile.field.name.split(".").at(-1) ?? "";
        cell.append(element("span", "bits-name", name));
        cell.dataset.tile = String(this.#content.tiles.indexOf(tile));
        this.#bitCells.set(tile, [...(this.#bitCells.get(tile) ?? []), cell]);
      }
      group.append(cell);
    }
    return group;
  }

  /** Says in words what the byte is that the learner is at. @param {number} i */
  #describe(i) {
    if (i < 0 || i >= this.#bytes.length) {
      this.#status.textContent = word(this.hint);
      return;
    }
    const byte = this.#bytes[i];
    const plain = this.#plain[i];
    const parts = [word("viewer.byte_at", { place: this.#page + i })];
    if (plain === undefined) {
      parts.push(`${hex(byte)} = ${byte}${printable(byte)}`);
    } else {
      // XOR with the key gives back what the key was laid over (RFC 6455 §5.3).
      parts.push(`${hex(byte)} XOR ${hex(byte ^ plain)} = ${hex(plain)}${printable(plain)}`);
    }
    parts.push(...this.#tiles[i].map((tile) => tile.field.name));
    this.#status.textContent = parts.join(" · ");
  }

  /** @param {Event} event @param {boolean} focused */
  #pointed(event, focused) {
    const target = /** @type {Element} */ (event.target).closest("[data-byte]");
    if (!(target instanceof HTMLElement)) return;
    const i = Number(target.dataset.byte);
    const tiles = target.dataset.tile ? [this.#content.tiles[Number(target.dataset.tile)]] : this.#tiles[i];
    if (focused) this.#place = this.#page + i;
    this.#describe(i);
    this.#fire("point", { tiles, focused });
  }

  /** @param {Event} event */
  #clicked(event) {
    const target = /** @type {Element} */ (event.target).closest("[data-byte]");
    if (!(target instanceof HTMLElement)) return;
    const i = Number(target.dataset.byte);
    this.#place = this.#page + i;
    this.#focus();
    if (target.dataset.tile)
      this.#fire("point", { tiles: [this.#content.tiles[Number(target.dataset.tile)]], focused: true });
  }

  /** @param {KeyboardEvent} event */
  #keydown(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Enter") {
      event.preventDefault();
      this.#fire("enter", { tiles: this.#tiles[this.#place - this.#page] });
      return;
    }
    const line = this.#place - (this.#place % this.columns);
    const last = this.#content.length - 1;
    /** @type {Record<string, number>} */
    const places = {
      ArrowLeft: this.#place - 1,
      ArrowRight: this.#place + 1,
      ArrowUp: this.#place - this.columns,
      ArrowDown: this.#place + this.columns,
      Home: line,
      End: line + this.columns - 1,
      PageUp: this.#place - PAGE,
      PageDown: this.#place + PAGE,
    };
    if (!(event.key in places)) return;
    event.preventDefault();
    const place = places[event.key];
    if (event.key.startsWith("Arrow") && (place < 0 || place > last)) return;
    this.#place = Math.max(0, Math.min(last, place));
    const page = this.#place - (this.#place % PAGE);
    if (page !== this.#page) this.#turn(page);
    this.#focus();
  }

  /** @param {number} page */
  #turn(page) {
    this.#page = page;
    this.#draw();
    this.#fire("page");
  }

  /** Moves the focus to the byte that it was at last. */
  focus() {
    this.#focus();
  }

  #focus() {
    for (const [cell] of this.#cells) cell.tabIndex = -1;
    const cell = this.#cells[this.#place - this.#page]?.[0];
    if (!cell) return;
    cell.tabIndex = 0;
    const names = this.#tiles[this.#place - this.#page].map((tile) => tile.field.name).join(", ");
    cell.setAttribute("aria-label", word("viewer.byte_label", { byte: cell.textContent, place: this.#place, names }));
    cell.focus();
  }

  /** @param {string} type @param {unknown} [detail] */
  #fire(type, detail) {
    this.element.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/**
 * Scrolls a box, and nothing around it, until something in it is seen.
 * @param {HTMLElement} box
 * @param {HTMLElement} inside
 * @param {number} covered pixels at the box's top that something else covers
 */
export function bringIntoView(box, inside, covered) {
  const outer = box.getBoundingClientRect();
  const inner = inside.getBoundingClientRect();
  if (inner.top < outer.top + covered) box.scrollTop -= outer.top + covered - inner.top;
  else if (inner.bottom > outer.bottom)
    box.scrollTop += Math.min(inner.bottom - outer.bottom, inner.top - outer.top - covered);
}

/** @param {number} byte */
function printable(byte) {
  return byte > 0x20 && byte < 0x7f ? ` “${String.fromCharCode(byte)}”` : "";
}
