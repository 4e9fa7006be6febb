// @ts-check
// What was measured, once there is something to show: figures for the charts, tables,
// and what limits the numbers.

import { copy } from "../../../static/js/lib/clipboard.js";
import { element } from "../../../static/js/lib/dom.js";
import { bytesPerMessage } from "./bytes.js";
import { stepOf } from "./clock.js";
import { milliseconds, names, summaryOf, ways } from "./samples.js";
import { word } from "../../../static/js/lib/words.js";

/**
 * @typedef {import("./samples.js").Kind} Kind
 * @typedef {import("./samples.js").Way} Way
 * @typedef {import("./samples.js").Measured} Measured
 * @typedef {import("./bytes.js").Bytes} Bytes
 */

/** The keys of the words that there are several of, by what they name. */
const WORDS = {
  kind: { connect: "picture.measure.kind.connect", first: "picture.measure.kind.first", push: "picture.measure.kind.push", roundTrip: "picture.measure.kind.roundTrip" },
  column: {
    n: "picture.measure.column.n",
    min: "picture.measure.column.min",
    p50: "picture.measure.column.p50",
    p90: "picture.measure.column.p90",
    p99: "picture.measure.column.p99",
    max: "picture.measure.column.max",
  },
  bytes: { push: "picture.measure.bytes.push", question: "picture.measure.bytes.question", answer: "picture.measure.bytes.answer" },
  copy: { tsv: "picture.measure.copy.tsv", markdown: "picture.measure.copy.markdown" },
};

/**
 * @param {object} what
 * @param {Kind[]} what.some what there are samples of
 * @param {Measured} what.measured
 * @param {import("../../../static/js/lib/capture.js").Capture} what.capture
 * @param {Record<string, any>} what.controls
 * @param {boolean} what.hidden whether the page was out of sight
 * @returns {{parts: HTMLElement[], hosts: HTMLElement[]}} hosts have room for a chart each
 */
export function resultOf({ some, measured, capture, controls, hidden }) {
  const bytes = bytesPerMessage(capture, controls);
  const charts = element("div", "measurement-charts");
  const hosts = some.map((kind) => {
    const { figure, host } = figureOf(kind, measured);
    charts.append(figure);
    return host;
  });
  return { parts: [key(), charts, tables(some, measured, bytes), notes(measured, controls, hidden)], hosts };
}

/** @param {Kind[]} some @param {Measured} measured @param {Record<Way, Bytes>} bytes */
function tables(some, measured, bytes) {
  const rows = [...timeRows(some, measured), ...byteRows(bytes)];
  const box = element("div", "measurement-tables");
  const scroller = element("div", "measurement-scroller");
  scroller.tabIndex = 0;
  scroller.setAttribute("role", "region");
  scroller.setAttribute("aria-label", word("picture.measure.table"));
  scroller.append(timeTable(some, measured), byteTable(bytes));
  const said = element("span", "visually-hidden");
  said.setAttribute("role", "status");
  const buttons = element("p", "measurement-copy");
  for (const [form, text] of /** @type {const} */ ([
    ["tsv", () => rows.map((row) => row.join("\t")).join("\n") + "\n"],
    ["markdown", () => markdown(rows)],
  ])) {
    const button = element("button", "button small", word(WORDS.copy[form]));
    button.dataset.copy = form;
    button.addEventListener("click", () => copy(text(), button, said));
    buttons.append(button);
  }
  buttons.append(said);
  box.append(scroller, buttons);
  return box;
}

/** Which line is whose. */
function key() {
  const list = element("p", "measurement-key");
  for (const way of ways) {
    const item = element("span", "", word(names[way]));
    item.dataset.side = way;
    list.append(item);
  }
  list.append(element("span", "muted", word("picture.measure.reading")));
  return list;
}

/** @param {Kind} kind @param {Measured} measured */
function figureOf(kind, measured) {
  const figure = element("figure", "measurement-figure");
  figure.dataset.kind = kind;
  const caption = element("figcaption", "");
  const medians = element("span", "measurement-medians");
  const said = [];
  for (const way of ways) {
    const summary = summaryOf(measured[way][kind]);
    if (!summary) continue;
    const value = element("span", "", word("picture.measure.ms", { ms: milliseconds(summary.p50) }));
    value.dataset.side = way;
    medians.append(value);
    said.push(word("picture.measure.said", { side: word(names[way]), n: summary.n, p50: milliseconds(summary.p50), max: milliseconds(summary.max) }));
  }
  caption.append(element("strong", "", word(WORDS.kind[kind])), medians);
  const host = element("div", "measurement-chart");
  host.setAttribute("role", "img");
  host.setAttribute("aria-label", `${word(WORDS.kind[kind])}. ${said.join(" ")}`);
  figure.append(caption, host);
  return { figure, host };
}

const columns = /** @type {const} */ (["n", "min", "p50", "p90", "p99", "max"]);

/** @param {Measured} measured @param {Kind} kind @param {Way} way @returns {string[] | undefined} */
function cells(measured, kind, way) {
  const summary = summaryOf(measured[way][kind]);
  if (!summary) return undefined;
  return columns.map((column) => {
    const value = summary[column];
    return value === undefined ? "–" : column === "n" ? String(value) : milliseconds(value);
  });
}

/** @param {Kind[]} some @param {Measured} measured */
function timeRows(some, measured) {
  const rows = [[word("picture.measure.column.what"), word("picture.measure.column.side"), ...columns.map((column) => word(WORDS.column[column]))]];
  for (const kind of some) {
    for (const way of ways) {
      const row = cells(measured, kind, way);
      if (row) rows.push([word(WORDS.kind[kind]), word(names[way]), ...row]);
    }
  }
  return rows;
}

/** What a message of each kind takes on the wire. @param {Record<Way, Bytes>} bytes */
function byteRows(bytes) {
  return messages.flatMap((message) =>
    ways
      .filter((way) => bytes[way][message] !== undefined)
      .map((way) => [word(WORDS.bytes[message]), word(names[way]), onWire(bytes[way], message)]),
  );
}

const messages = /** @type {const} */ (["push", "question", "answer"]);

/** @param {Bytes} bytes @param {"push" | "question" | "answer"} message */
function onWire(bytes, message) {
  const args = { count: Math.round(bytes[message] ?? 0), text: Math.round(bytes.text[message] ?? 0) };
  if (bytes.asked === undefined) return word("picture.measure.on_wire", args);
  return word("picture.measure.asked", { ...args, up: Math.round(bytes.asked) });
}

/** @param {Kind[]} some @param {Measured} measured */
function timeTable(some, measured) {
  const table = element("table", "measurement-table");
  table.append(element("caption", "", word("picture.measure.times")));
  const head = element("tr", "");
  head.append(element("td", ""));
  for (const column of columns) head.append(header(word(WORDS.column[column]), "col"));
  table.append(section("thead", head));
  for (const kind of some) {
    const group = element("tr", "measurement-group");
    const name = /** @type {HTMLTableCellElement} */ (header(word(WORDS.kind[kind]), "rowgroup"));
    name.colSpan = columns.length + 1;
    group.append(name);
    const rows = ways.flatMap((way) => {
      const values = cells(measured, kind, way);
      return values ? [rowOf(way, values)] : [];
    });
    table.append(section("tbody", group, ...rows));
  }
  return table;
}

/** @param {Record<Way, Bytes>} bytes */
function byteTable(bytes) {
  const table = element("table", "measurement-table");
  table.append(element("caption", "", word("picture.measure.bytes")));
  const head = element("tr", "");
  head.append(element("td", ""), ...messages.map((message) => header(word(WORDS.bytes[message]), "col")));
  const rows = ways.map((way) =>
    rowOf(way, messages.map((message) => (bytes[way][message] === undefined ? "–" : onWire(bytes[way], message)))),
  );
  table.append(section("thead", head), section("tbody", ...rows));
  return table;
}

/** @param {Way} way @param {string[]} values */
function rowOf(way, values) {
  const row = element("tr", "");
  row.dataset.side = way;
  row.append(header(word(names[way]), "row"), ...values.map((value) => element("td", "", value)));
  return row;
}

/** @param {string} text @param {string} scope */
function header(text, scope) {
  const cell = element("th", "", text);
  cell.setAttribute("scope", scope);
  return cell;
}

/** @param {string} name @param {HTMLElement[]} rows */
function section(name, ...rows) {
  const made = element(name, "");
  made.append(...rows);
  return made;
}

/** @param {string[][]} rows */
function markdown(rows) {
  const width = rows[0].length;
  const lines = rows.map((row) => `| ${[...row, ...Array(width - row.length).fill("")].join(" | ")} |`);
  lines.splice(1, 0, `|${" --- |".repeat(width)}`);
  return lines.join("\n") + "\n";
}

/** What limits these numbers. @param {Measured} measured @param {Record<string, any>} controls @param {boolean} hidden */
function notes(measured, controls, hidden) {
  const list = element("ul", "measurement-notes");
  const step = stepOf(() => performance.now());
  const lines = [word("picture.measure.note.step", { ms: milliseconds(step) })];
  if (!Number.isNaN(measured.error)) lines.push(word("picture.measure.note.clocks", { ms: milliseconds(measured.error) }));
  const least = Math.min(measured.sse.rounds, measured.ws.rounds);
  if (least < 100) lines.push(word("picture.measure.note.few", { n: least }));
  if (controls.delay > 0) lines.push(word("picture.measure.note.delay", { ms: controls.delay }));
  list.append(...lines.map((line) => element("li", "", line)));
  if (hidden) {
    const line = element("li", "", word("picture.measure.note.hidden"));
    line.dataset.trouble = "";
    list.append(line);
  }
  return list;
}
