// @ts-check
// Which rows of the list are shown: those of a side, a direction, a kind.

import { protocolOf } from "./summary.js";
import { element } from "../../lib/dom.js";
import { word } from "../../lib/words.js";

/**
 * @typedef {import('../../lib/capture.js').Capture} Capture
 * @typedef {import('../../lib/framerows.js').Row} Row
 */

/** The kinds, as the list names them. */
const KINDS = ["HTTP", "HTTP/2", "SSE", "NDJSON", "WS", "TCP"];

/** Fires 'change' on its element. */
export class Filter {
  element = element("span", "frames-filter");
  #side = choice("viewer.filter.side", { "": word("viewer.filter.both"), sse: "SSE", ws: "WebSocket" });
  #from = choice("viewer.filter.from", { "": "↑↓", client: `↑ ${word("viewer.sent.client")}`, server: `↓ ${word("viewer.sent.server")}` });
  #kind = choice("viewer.filter.kind", { "": word("viewer.filter.all"), ...Object.fromEntries(KINDS.map((kind) => [kind, kind])) });

  constructor() {
    this.element.append(this.#side, this.#from, this.#kind);
  }

  clear() {
    for (const choice of [this.#side, this.#from, this.#kind]) choice.value = "";
  }

  /** @param {Capture} capture @param {Row[]} rows */
  of(capture, rows) {
    const [side, from, kind] = [this.#side.value, this.#from.value, this.#kind.value];
    if (!side && !from && !kind) return rows;
    return rows.filter(
      (row) =>
        (!side || capture.sideOf(row.connection) === side) && (!from || row.from === from) && (!kind || protocolOf(capture, row) === kind),
    );
  }
}

/** @param {string} label @param {Record<string, string>} options */
function choice(label, options) {
  const made = document.createElement("select");
  made.setAttribute("aria-label", word(label));
  for (const [value, text] of Object.entries(options)) made.append(new Option(text, value));
  return made;
}
