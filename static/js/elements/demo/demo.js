// @ts-check
import { runAddress } from "../../lib/address.js";
import { Capture } from "../../lib/capture.js";
import { moduleWithWords } from "../../lib/experiment.js";
import { Rows, tilesOf } from "../../lib/framerows.js";
import { untilLoaded } from "../../lib/retry.js";
import { pageVisible, Runner } from "../../lib/runner.js";
import { word } from "../../lib/words.js";
import { HexView } from "../frames/hexview.js";
import { summaryOf } from "../frames/summary.js";
import { tintOf } from "../frames/tint.js";
import { isMessage, isRefused, mayRun, meaningOf, showsAll } from "./shown.js";

/**
 * @typedef {import("../../lib/sandbox.js").Report} Report
 * @typedef {import("../../lib/runner.js").Side} Side
 * @typedef {import("../../lib/finding.js").Finding} Finding
 * @typedef {import("../../lib/framerows.js").Row} Row
 * @typedef {{capture: Capture, reports: Report[], started: number, ended?: number}} Run
 */

/** The shortest time between two drawings, in ms. */
const drawEvery = 80;

/** A run that takes longer than this, in ms, shows nothing that fits here. */
const longest = 60_000;

/** A line has 16 bytes where they have room, in pixels, and there are so many: else the letters stand near. */
const wide = 470;

/** @type {Side[]} */
const bothSides = ["sse", "ws"];

/**
 * One run that the page makes by itself, once, when it is seen: both sides, what
 * they did in time, and the bytes of a frame. Where motion is not wanted, the
 * reader has been here before, or the server has no place, the recorded run is
 * shown.
 *
 * Usage: see the component `demo` of package view.
 */
export class Demo extends HTMLElement {
  #runner = new Runner(this, word("playground.sandbox"));
  #rows = new Rows(new Capture());
  #bytes = new HexView();
  /** @type {Run | undefined} */
  #shown;
  /** @type {((run: object) => Finding[]) | undefined} */
  #find;
  /** What is chosen: the first message of the WebSocket, until the reader chooses. @type {Row | undefined} */
  #row;
  #drawing = false;
  #isWide = false;

  connectedCallback() {
    if (this.#bytes.element.isConnected) return;
    this.#bytes.hint = "demo.hint";
    this.#part("bytes").append(this.#bytes.element);
    new ResizeObserver(([entry]) => {
      this.#isWide = entry.contentRect.width >= wide;
      if (this.#columns !== this.#bytes.columns) this.#showBytes();
    }).observe(this);
    this.#bytes.element.addEventListener("point", (event) => this.#bytes.mark(/** @type {CustomEvent} */ (event).detail.tiles));
    this.#timeline.addEventListener("select", (/** @type {CustomEvent} */ { detail }) => {
      if ("word" in detail) this.#choose(this.#rows.near(detail.side, (detail.seen ?? detail.from) + this.#offset, detail.field)?.row);
      else this.#choose(this.#rows.at(detail.connection, detail.from, detail.offset));
    });
    this.#timeline.addEventListener("enter", () => this.#bytes.focus());
    this.#begin();
  }

  disconnectedCallback() {
    this.#runner.leave();
  }

  async #begin() {
    this.#find = (await moduleWithWords(this.dataset.module ?? "", `finding.${this.dataset.experiment}`)).findings;
    await pageVisible();
    const [navigation] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType("navigation"));
    if (!mayRun(matchMedia("(prefers-reduced-motion: reduce)").matches, navigation?.type)) return this.#showRecorded();
    this.#runner.addEventListener("reports", () => this.#received());
    this.#runner.addEventListener("state", () => this.#sayState());
    this.#runner.run(bothSides.map((side) => this.#program(side)), { longest });
  }

  /** @param {Side} side */
  #program(side) {
    const values = Object.fromEntries(new URLSearchParams(this.dataset.query));
    const { content } = /** @type {HTMLTemplateElement} */ (this.querySelector(`[data-program="${side}"]`));
    const url = (/** @type {string} */ capture) => runAddress(location.origin, this.dataset.experiment ?? "", side, values, capture);
    return { side, code: content.textContent ?? "", setting: (/** @type {string} */ capture) => ({ url: url(capture), controls: this.#controls }) };
  }

  get #controls() {
    return JSON.parse(this.dataset.controls ?? "{}");
  }

  #received() {
    // A side that was refused has nothing to show.
    if (this.#runner.state === "running" && bothSides.some((side) => isRefused(this.#runner.reports, side))) return this.#runner.stop();
    this.#draw();
  }

  #sayState() {
    const { state, capture, reports, started } = this.#runner;
    if (state === "running" && !this.#shown) {
      this.#show({ capture, reports, started }, "demo.live");
      this.#say("demo.running");
    }
    if (state === "ended") this.#end();
  }

  /** Says what the run has shown, or shows the recorded one. */
  async #end() {
    const { reason, capture, feed } = this.#runner;
    const run = this.#shown;
    if (reason !== "done" || feed !== "live" || !run) return this.#showRecorded();
    run.ended = performance.timeOrigin + performance.now();
    await this.#runner.caughtUp();
    this.#runner.leave(); // no connection of this page stays open
    if (!showsAll(this.#findingsOf(run))) return this.#showRecorded();
    if (this.#shown?.capture !== capture) return;
    this.#say("demo.done");
    this.#draw();
  }

  async #showRecorded() {
    this.#runner.leave();
    const recorded = await untilLoaded(async () => {
      const response = await fetch(this.dataset.recorded ?? "");
      if (!response.ok) throw new Error(`${response.url}: ${response.status}`);
      return response.json();
    });
    const capture = new Capture();
    capture.apply(recorded.capture);
    this.#show({ capture, reports: recorded.reports, started: recorded.started, ended: recorded.reports.at(-1)?.at }, "demo.recorded");
    this.#say("demo.done");
  }

  /** @param {Run} run @param {string} kind */
  #show(run, kind) {
    this.#shown = run;
    this.#row = undefined;
    this.#rows = new Rows(run.capture);
    this.#part("kind").textContent = word(kind);
    run.capture.addEventListener("change", () => this.#draw());
    this.#draw();
  }

  /** Draws soon, and once for all that happens until then. */
  #draw() {
    if (this.#drawing) return;
    this.#drawing = true;
    setTimeout(() => {
      this.#drawing = false;
      const run = this.#shown;
      if (!run) return;
      this.#timeline.show({ ...run, running: !run.ended, findings: this.#findingsOf(run) });
      this.#rows.update();
      if (!this.#row) this.#choose(this.#rows.list.find((row) => isMessage(row)));
    }, drawEvery);
  }

  /** @param {Run} run */
  #findingsOf(run) {
    return this.#find?.({ ...run, controls: this.#controls }) ?? [];
  }

  /** Shows a frame: on the timeline, its bytes, and what they say. @param {Row | undefined} row */
  #choose(row) {
    if (!row || !this.#shown) return;
    this.#row = row;
    const { capture, started } = this.#shown;
    const side = capture.sideOf(row.connection);
    const at = row.time - this.#offset;
    this.#timeline.choose({ side, at, connection: row.connection, from: row.from, offset: row.offset });
    const parts = [`${((at - started) / 1000).toFixed(3)} s`, word(`viewer.sent.${row.from}`), summaryOf(capture, row)];
    /** @type {HTMLElement} */ (this.#part("row").parentElement).dataset.side = side;
    this.#part("row").textContent = parts.join(" · ");
    this.#showBytes();
    const meaning = meaningOf(capture, row);
    this.#part("meaning").textContent = meaning ? word(meaning.word, meaning.args) : "";
  }

  get #columns() {
    return this.#isWide && (this.#row?.length ?? 0) > 8 ? 16 : 8;
  }

  #showBytes() {
    const [row, capture] = [this.#row, this.#shown?.capture];
    if (!row || !capture) return;
    this.#bytes.columns = this.#columns;
    this.#bytes.show({
      offset: row.offset,
      length: row.length,
      tiles: tilesOf(capture, row),
      tint: ({ field }) => tintOf(field.name),
      read: (offset, length) => capture.bytesOf(row.connection, row.from, offset, length),
    });
  }

  /** @param {string} key */
  #say(key) {
    this.#part("said").textContent = word(key);
  }

  /** What the server's clock is ahead of this one, in ms. */
  get #offset() {
    return this.#shown?.capture.clockOffset ?? 0;
  }

  /** @param {string} name @returns {HTMLElement} */
  #part(name) {
    return /** @type {HTMLElement} */ (this.querySelector(`[data-part="${name}"]`));
  }

  /** @returns {any} */
  get #timeline() {
    return this.querySelector("seewire-timeline");
  }
}
