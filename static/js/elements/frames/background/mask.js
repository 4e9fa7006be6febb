// @ts-check
// A mask as the XOR that it is (RFC 6455 §5.3): the bytes on the wire, the key
// under them again and again, and what comes out.

import { hex, textAt } from "../bits.js";
import { element } from "../../../lib/dom.js";
import { word } from "../../../lib/words.js";

/** Bytes that are shown: four turns of the key. */
export const SHOWN = 16;

/** @param {Uint8Array} plain the start of a payload @param {Uint8Array} key */
export function maskTable(plain, key) {
  const shown = plain.subarray(0, SHOWN);
  const keys = shown.map((_, i) => key[i % 4]);
  const box = element("section", "background-mask");
  box.tabIndex = 0; // it may scroll sideways
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", word("background.mask"));
  const table = element("table", "");
  table.append(element("caption", "", word("background.mask")));
  const row = (/** @type {string} */ name, /** @type {string[]} */ cells) => {
    const made = element("tr", "");
    const head = element("th", "", word(`background.mask.${name}`));
    head.setAttribute("scope", "row");
    made.append(head, ...cells.map((cell) => element("td", "", cell)));
    if (plain.length > SHOWN) made.append(element("td", "", "…"));
    table.append(made);
  };
  row("wire", Array.from(shown, (byte, i) => hex(byte ^ keys[i])));
  row("key", Array.from(keys, hex));
  row("plain", Array.from(shown, hex));
  row("text", textAt(shown));
  box.append(table);
  return box;
}
