// @ts-check
// The fields of a frame: name, value and what it means.

import { explanation } from "./meanings.js";
import { visible } from "./summary.js";
import { element } from "../../lib/dom.js";
import { bytesIn, word } from "../../lib/words.js";

/**
 * @typedef {import('../../lib/framerows.js').Tile} Tile
 * @typedef {import('./meanings.js').Meaning} Meaning
 */

/** As much of a value as is shown; the bytes show all of it. */
const LONGEST = 600;

/** Fields that are drawn at once where more may come a moment later: more than are in sight. */
const FIRST = 16;

/** A value up to here needs no line of its own. */
const BRIEF = 24;

/**
 * Fires on its element 'point' (detail: {tiles, focused}), 'leave', and 'enter'
 * when a name is pressed, which leads to the field's bytes.
 */
export class FieldList {
  element = element("ul", "fields");
  /** @type {Map<Tile, HTMLElement>} */
  #items = new Map();
  /** What is still to be drawn. @type {{tile: Tile, tint: number, meaning: Meaning|undefined}[]} */
  #rest = [];

  constructor() {
    this.element.setAttribute("role", "list");
    this.element.addEventListener("keydown", (event) => this.#keydown(event));
    this.element.addEventListener("pointerover", (event) => this.#pointed(event, false));
    this.element.addEventListener("focusin", (event) => this.#pointed(event, true));
    this.element.addEventListener("pointerleave", () => this.#fire("leave"));
    this.element.addEventListener("click", (event) => {
      if (!(event.target instanceof Element) || !event.target.closest("button")) return;
      const tile = this.#tileOf(event.target);
      if (tile) this.#fire("enter", { tiles: [tile] });
    });
  }

  /**
   * @param {Tile[]} tiles
   * @param {(tile: Tile) => number} tint
   * @param {Record<string, Meaning>} meanings
   * @param {boolean} [inParts] only the first part: more() is to follow
   */
  show(tiles, tint, meanings, inParts = false) {
    this.#items.clear();
    this.element.replaceChildren();
    const explained = new Set();
    this.#rest = tiles.map((tile) => {
      const { name } = tile.field;
      // What a header's colon means need not be said at each header.
      const meaning = explained.has(name) ? undefined : meanings[name];
      explained.add(name);
      return { tile, tint: tint(tile), meaning };
    });
    this.#add(inParts ? FIRST : this.#rest.length);
  }

  /** Draws what show() has left. */
  more() {
    this.#add(this.#rest.length);
  }

  /** @param {number} count */
  #add(count) {
    for (const { tile, tint, meaning } of this.#rest.splice(0, count)) {
      const item = this.#item(tile, tint, meaning);
      if (this.#items.size > 0) /** @type {HTMLElement} */ (item.firstChild).tabIndex = -1;
      this.#items.set(tile, item);
      this.element.append(item);
    }
  }

  /** @param {Tile[]} tiles */
  mark(tiles) {
    for (const [tile, item] of this.#items) item.classList.toggle("on", tiles.includes(tile));
  }

  /** @param {Tile} tile */
  focus(tile) {
    this.stopAt(tile)?.focus();
  }

  /** Puts a field into the Tab order, in the place of the others. @param {Tile} tile */
  stopAt(tile) {
    const item = this.#items.get(tile);
    if (!item) return undefined;
    for (const other of this.#items.values()) /** @type {HTMLElement} */ (other.firstChild).tabIndex = -1;
    const button = /** @type {HTMLElement} */ (item.firstChild);
    button.tabIndex = 0;
    return button;
  }

  /** The field whose name has the focus. */
  get focused() {
    const item = document.activeElement?.closest(".field");
    return item ? this.#tileOf(item) : undefined;
  }

  /** Where a field is shown. @param {Tile} tile */
  itemOf(tile) {
    return this.#items.get(tile);
  }

  /** @param {Tile} tile @param {number} tint @param {Meaning|undefined} meaning */
  #item(tile, tint, meaning) {
    const { field } = tile;
    // What has nothing more to say stands beside its neighbours.
    const brief = !meaning && !field.covered && field.value.length <= BRIEF;
    const item = element("li", brief ? "field brief" : "field");
    item.append(element("button", `field-name tint-${tint}`, field.name));
    const about = element("div", "field-about");
    about.append(element("b", "field-value", valueText(field)));
    if (field.pieces) {
      about.append(
        " ",
        element("span", "field-piece", word("viewer.piece", { piece: field.piece, pieces: field.pieces })),
      );
    }
    if (field.covered && (field.piece ?? 1) === 1) {
      const { kind, bytes } = field.covered;
      about.append(element("p", "field-covered", word(`viewer.covered.${kind}`, { bytes: bytesIn(bytes) })));
    }
    if (meaning) about.append(explanation(meaning));
    item.append(about);
    return item;
  }

  /** @param {Event} event @param {boolean} focused */
  #pointed(event, focused) {
    const tile = this.#tileOf(/** @type {Element} */ (event.target));
    if (tile) this.#fire("point", { tiles: [tile], focused });
  }

  /** @param {KeyboardEvent} event */
  #keydown(event) {
    if (!(event.target instanceof HTMLButtonElement)) return;
    const tiles = [...this.#items.keys()];
    const now = tiles.findIndex((tile) => this.#items.get(tile)?.firstChild === event.target);
    /** @type {Record<string, number>} */
    const places = { ArrowUp: now - 1, ArrowDown: now + 1, Home: 0, End: tiles.length - 1 };
    const tile = tiles[places[event.key] ?? -1];
    if (!tile) return;
    event.preventDefault();
    this.focus(tile);
  }

  /** @param {Element} target */
  #tileOf(target) {
    const item = target.closest(".field");
    for (const [tile, other] of this.#items) if (other === item) return tile;
    return undefined;
  }

  /** @param {string} type @param {unknown} [detail] */
  #fire(type, detail) {
    this.element.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** A value with what can't be seen in it made visible. @param {{value: string, hex?: boolean}} field */
function valueText({ value, hex }) {
  const text = hex ? value.replace(/(..)(?=.)/g, "$1 ") : spaced(visible(value));
  return text.length > LONGEST ? text.slice(0, LONGEST) + "…" : text;
}

/** Makes spaces at the ends visible. @param {string} text */
function spaced(text) {
  return text.replace(/^ +| +$/g, (spaces) => "␣".repeat(spaces.length));
}
