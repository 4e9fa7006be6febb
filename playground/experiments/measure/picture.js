// @ts-check
import { bytesPerMessage } from "./findings.js";
import { copy } from "../../../static/js/lib/clipboard.js";
import { element } from "../../../static/js/lib/dom.js";
import { kinds, milliseconds, samplesOf, sides, stepOf, summaryOf } from "./samples.js";
import { word } from "../../../static/js/lib/words.js";

export { findings } from "./findings.js";

/**
 * @typedef {import("./samples.js").Kind} Kind
 * @typedef {import("./samples.js").Side} Side
 * @typedef {import("./samples.js").Measured} Measured
 * @typedef {import("./findings.js").Bytes} Bytes
 * @typedef {{capture: import("../../../static/js/lib/capture.js").Capture, reports: import("../../../static/js/lib/sandbox.js").Report[], started: number, ran: boolean, running: boolean, controls: Record<string, any>}} Run
 */

/** The keys of the words that there are several of, by what they name. */
const WORDS = {
  side: { sse: "picture.measure.sse", ws: "picture.measure.ws" },
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
 * What the programs of a run have measured: how far they are, and afterwards
 * the distributions, as charts and as a table.
 *
 * Usage:
 *
 *     <seewire-picture></seewire-picture>
 *
 *     element.show({capture, reports, started, ran, running, controls});
 *
 * While a run goes on it draws no more than two bars: pictures would take the
 * time that is being measured.
 */
export class Picture extends HTMLElement {
  /** While a run goes on, nothing else is drawn either. */
  drawsAlone = true;

  #progress = element("div", "measurement-progress");
  #empty = element("p", "measurement-empty", word("picture.measure.empty"));
  #result = element("div", "measurement-result");
  /** @type {Record<Side, {bar: HTMLProgressElement, text: HTMLElement}>} */
  #bars = { sse: bar("sse", this.#progress), ws: bar("ws", this.#progress) };
  #status = element("p", "measurement-status");
  /** @type {import("./chart.js").Chart[]} */
  #charts = [];
  /** What is drawn: a run by its start, and how much was known of it. */
  #drawn = "";
  /** The run during which the page was out of sight. */
  #hidden = 0;
  /** @type {Run | undefined} */
  #run;
  #ready = false;

  connectedCallback() {
    if (this.#ready) return;
    this.#ready = true;
    this.#status.setAttribute("role", "status");
    const stop = element("button", "button small", word("picture.measure.stop"));
    stop.dataset.action = "stop"; // which the playground hears
    this.#progress.hidden = true;
    this.#progress.append(stop);
    this.append(
      element("h4", "measurement-title", word("picture.measure.title")),
      this.#empty,
      this.#progress,
      this.#status,
      this.#result,
    );
    document.addEventListener("visibilitychange", () => this.#sayHidden());
    new ResizeObserver(() => this.#resize()).observe(this);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      this.#drawn = "";
      if (this.#run) this.show(this.#run);
    });
  }

  /** @param {Run} run */
  show(run) {
    const { reports, running, ran, controls } = run;
    this.#run = run;
    this.#sayHidden();
    this.#progress.hidden = !running;
    this.#empty.hidden = ran;
    if (!ran) return this.#clear();
    const measured = samplesOf(reports);
    for (const side of sides) this.#sayProgress(side, measured, controls);
    if (running) return;
    if (stateOf(run) !== this.#drawn) this.#draw(run, measured);
  }

  /** Before a run there is nothing to see of the one before. */
  #clear() {
    for (const chart of this.#charts.splice(0)) chart.remove();
    this.#status.textContent = "";
    this.#result.replaceChildren();
    this.#drawn = "";
  }

  #sayHidden() {
    if (this.#run?.running && document.visibilityState === "hidden") this.#hidden = this.#run.started;
  }

  /** @param {Side} side @param {Measured} measured @param {Record<string, any>} controls */
  #sayProgress(side, measured, controls) {
    const { bar, text } = this.#bars[side];
    const n = kinds.reduce((sum, kind) => sum + measured[side][kind].length, 0);
    const all = controls.rounds * (1 + Math.min(1, controls.each) + 2 * controls.each);
    bar.max = all;
    bar.value = n;
    text.textContent = word("picture.measure.samples", { n, all });
  }

  /** @param {Run} run @param {Measured} measured */
  async #draw(run, measured) {
    this.#clear();
    this.#drawn = stateOf(run);
    const { capture, controls, started } = run;
    const some = kinds.filter((kind) => sides.some((side) => measured[side][kind].length > 0));
    if (some.length === 0) {
      this.#status.textContent = word("picture.measure.nothing");
      return;
    }
    const whole = sides.every((side) => measured[side].rounds >= controls.rounds);
    const rounds = { sse: measured.sse.rounds, ws: measured.ws.rounds, all: controls.rounds };
    this.#status.textContent = whole ? "" : word("picture.measure.part", rounds);

    const bytes = bytesPerMessage(capture);
    const charts = element("div", "measurement-charts");
    const hosts = some.map((kind) => {
      const { figure, host } = figureOf(kind, measured);
      charts.append(figure);
      return host;
    });
    this.#result.replaceChildren(key(), charts, this.#tables(some, measured, bytes), notes(measured, controls, this.#hidden === started));

    const { Chart } = await import("./chart.js");
    for (const [i, kind] of some.entries()) {
      if (!hosts[i].isConnected) return;
      this.#charts.push(new Chart(hosts[i], { sse: measured.sse[kind], ws: measured.ws[kind] }));
    }
  }

  #resize() {
    const hosts = this.querySelectorAll(".measurement-chart");
    this.#charts.forEach((chart, i) => chart.resize(hosts[i]?.clientWidth ?? 0));
  }

  /** @param {Kind[]} some @param {Measured} measured @param {{sse: Bytes, ws: Bytes}} bytes */
  #tables(some, measured, bytes) {
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
}

/** How much is known of a run. @param {Run} run */
function stateOf({ started, reports, capture }) {
  return `${started} ${reports.length} ${capture.frames.length}`;
}

/** @param {Side} side @param {HTMLElement} place */
function bar(side, place) {
  const row = element("label", "measurement-bar");
  row.dataset.side = side;
  const bar = /** @type {HTMLProgressElement} */ (element("progress", ""));
  const text = element("span", "measurement-count");
  row.append(element("span", "measurement-name", word(WORDS.side[side])), bar, text);
  place.append(row);
  return { bar, text };
}

/** Which line is whose. */
function key() {
  const list = element("p", "measurement-key");
  for (const side of sides) {
    const item = element("span", "", word(WORDS.side[side]));
    item.dataset.side = side;
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
  for (const side of sides) {
    const summary = summaryOf(measured[side][kind]);
    if (!summary) continue;
    const value = element("span", "", word("picture.measure.ms", { ms: milliseconds(summary.p50) }));
    value.dataset.side = side;
    medians.append(value);
    said.push(word("picture.measure.said", { side: word(WORDS.side[side]), n: summary.n, p50: milliseconds(summary.p50), max: milliseconds(summary.max) }));
  }
  caption.append(element("strong", "", word(WORDS.kind[kind])), medians);
  const host = element("div", "measurement-chart");
  host.setAttribute("role", "img");
  host.setAttribute("aria-label", `${word(WORDS.kind[kind])}. ${said.join(" ")}`);
  figure.append(caption, host);
  return { figure, host };
}

const columns = /** @type {const} */ (["n", "min", "p50", "p90", "p99", "max"]);

/** @param {Measured} measured @param {Kind} kind @param {Side} side @returns {string[] | undefined} */
function cells(measured, kind, side) {
  const summary = summaryOf(measured[side][kind]);
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
    for (const side of sides) {
      const row = cells(measured, kind, side);
      if (row) rows.push([word(WORDS.kind[kind]), word(WORDS.side[side]), ...row]);
    }
  }
  return rows;
}

/** What a message of each kind takes on the wire. @param {{sse: Bytes, ws: Bytes}} bytes */
function byteRows(bytes) {
  return messages.flatMap((message) =>
    sides
      .filter((side) => bytes[side][message] !== undefined)
      .map((side) => [word(WORDS.bytes[message]), word(WORDS.side[side]), onWire(bytes[side], message)]),
  );
}

const messages = /** @type {const} */ (["push", "question", "answer"]);

/** @param {Bytes} bytes @param {"push" | "question" | "answer"} message */
function onWire(bytes, message) {
  const count = Math.round(bytes[message] ?? 0);
  return word("picture.measure.on_wire", { count, text: Math.round(bytes.text[message] ?? 0) });
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
    const rows = sides.flatMap((side) => {
      const values = cells(measured, kind, side);
      return values ? [rowOf(side, values)] : [];
    });
    table.append(section("tbody", group, ...rows));
  }
  return table;
}

/** @param {{sse: Bytes, ws: Bytes}} bytes */
function byteTable(bytes) {
  const table = element("table", "measurement-table");
  table.append(element("caption", "", word("picture.measure.bytes")));
  const head = element("tr", "");
  head.append(element("td", ""), ...messages.map((message) => header(word(WORDS.bytes[message]), "col")));
  const rows = sides.map((side) =>
    rowOf(side, messages.map((message) => (bytes[side][message] === undefined ? "–" : onWire(bytes[side], message)))),
  );
  table.append(section("thead", head), section("tbody", ...rows));
  return table;
}

/** @param {Side} side @param {string[]} values */
function rowOf(side, values) {
  const row = element("tr", "");
  row.dataset.side = side;
  row.append(header(word(WORDS.side[side]), "row"), ...values.map((value) => element("td", "", value)));
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
  const least = Math.min(...sides.map((side) => measured[side].rounds));
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
