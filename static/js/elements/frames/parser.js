// @ts-check
// What an event stream's parser holds after each line (WHATWG HTML §9.2.6), and
// at each blank line what was dispatched or why nothing was.

import { textOf, visible } from "./summary.js";
import { element } from "../../lib/dom.js";
import { hasWord, word } from "../../lib/words.js";

/** @typedef {import('../../lib/capture.js').Frame} Frame */

/** Lines that are shown at once. */
const MOST = 200;

const COLUMNS = ["line", "outcome", "data", "type", "id", "last_event_id", "retry"];

/** @param {Frame[]} lines @param {Frame} [previous] the line before them */
export function parserTable(lines, previous) {
  const box = element("div", "parser");
  box.tabIndex = 0; // it scrolls sideways, so the keyboard must get to it
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", word("background.parser"));
  const table = element("table", "");
  table.append(element("caption", "", word("background.parser")));
  const head = element("tr", "");
  for (const column of COLUMNS) {
    const cell = element("th", "", word(`background.parser.${column}`));
    cell.setAttribute("scope", "col");
    head.append(cell);
  }
  const body = element("tbody", "");
  let before = previous ? stateOf(previous) : [];
  for (const line of lines.slice(0, MOST)) {
    const row = element("tr", line.kind === "blank" ? "blank" : "");
    const name = element("th", "", line.kind === "blank" ? word("viewer.blank_line") : visible(textOf(line)));
    name.setAttribute("scope", "row");
    const end = line.fields.findLast(({ name }) => name === "sse.line_end" || name === "sse.blank");
    if (end) name.append(" ", element("span", "parser-end", visible(end.value)));
    row.append(name, outcomeOf(line));
    const state = stateOf(line);
    // What a line changed is what it is there for.
    state.forEach((text, i) =>
      row.append(element("td", before.length > 0 && before[i] !== text ? "changed" : "", text)),
    );
    before = state;
    body.append(row);
  }
  const top = element("thead", "");
  top.append(head);
  table.append(top, body);
  box.append(table);
  if (lines.length > MOST) box.append(element("p", "", word("background.parser.more", { count: lines.length - MOST })));
  return box;
}

/** @param {Frame} line */
function stateOf({ sse }) {
  const time = sse.reconnectionTime === undefined ? word("background.parser.browsers_own") : `${sse.reconnectionTime} ms`;
  return [quoted(sse.data), quoted(sse.type), quoted(sse.id), quoted(sse.lastEventId), time];
}

/** @param {Frame} line */
function outcomeOf({ kind, sse }) {
  const cell = element("td", "outcome");
  if (sse.event) {
    cell.classList.add("dispatched");
    cell.textContent = word("background.dispatched", { type: sse.event.type, data: quoted(sse.event.data) });
  } else if (sse.reason) {
    const key = `viewer.reason.${sse.reason}`;
    cell.textContent = hasWord(key) ? word(key) : sse.reason;
  } else if (kind === "bom" || kind === "comment") {
    cell.textContent = word(`background.parser.${kind}`);
  }
  return cell;
}

/** @param {string} text */
function quoted(text) {
  return text === "" ? word("background.empty_text") : `“${visible(text)}”`;
}
