// @ts-check
import { element } from "../../../static/js/lib/dom.js";
import { allOf, kinds, names, samplesOf, ways } from "./samples.js";
import { word } from "../../../static/js/lib/words.js";

export { findings } from "./findings.js";

/**
 * @typedef {import("./samples.js").Way} Way
 * @typedef {import("./samples.js").Measured} Measured
 * @typedef {{capture: import("../../../static/js/lib/capture.js").Capture, reports: import("../../../static/js/lib/sandbox.js").Report[], started: number, ran: boolean, running: boolean, controls: Record<string, any>}} Run
 */

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
 * While a run goes on it draws no more than a bar for each way: pictures would take the
 * time that is being measured.
 */
export class Picture extends HTMLElement {
  /** While a run goes on, nothing else is drawn either. */
  drawsAlone = true;

  #progress = element("div", "measurement-progress");
  #empty = element("p", "measurement-empty", word("picture.measure.empty"));
  #result = element("div", "measurement-result");
  /** @type {Record<Way, {bar: HTMLProgressElement, text: HTMLElement}>} */
  #bars = { sse: bar("sse", this.#progress), longpoll: bar("longpoll", this.#progress), poll: bar("poll", this.#progress), ws: bar("ws", this.#progress) };
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
    for (const way of ways) this.#sayProgress(way, measured, controls);
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

  /** @param {Way} way @param {Measured} measured @param {Record<string, any>} controls */
  #sayProgress(way, measured, controls) {
    const { bar, text } = this.#bars[way];
    const n = kinds.reduce((sum, kind) => sum + measured[way][kind].length, 0);
    const all = allOf(way, controls);
    bar.max = all;
    bar.value = n;
    text.textContent = word("picture.measure.samples", { n, all });
  }

  /** @param {Run} run @param {Measured} measured */
  async #draw(run, measured) {
    this.#clear();
    const state = (this.#drawn = stateOf(run));
    const { capture, controls, started } = run;
    const some = kinds.filter((kind) => ways.some((way) => measured[way][kind].length > 0));
    if (some.length === 0) {
      this.#status.textContent = word("picture.measure.nothing");
      return;
    }
    const whole = ways.every((way) => measured[way].rounds >= controls.rounds);
    const rounds = Object.fromEntries(ways.map((way) => [way, measured[way].rounds]));
    this.#status.textContent = whole ? "" : word("picture.measure.part", { ...rounds, all: controls.rounds });

    const [{ resultOf }, { Chart }] = await Promise.all([import("./result.js"), import("./chart.js")]);
    if (this.#drawn !== state) return; // another has been drawn meanwhile
    const { parts, hosts } = resultOf({ some, measured, capture, controls, hidden: this.#hidden === started });
    this.#result.replaceChildren(...parts);
    for (const [i, kind] of some.entries()) {
      if (!hosts[i].isConnected) return;
      this.#charts.push(new Chart(hosts[i], ways.map((way) => measured[way][kind])));
    }
  }

  #resize() {
    const hosts = this.querySelectorAll(".measurement-chart");
    this.#charts.forEach((chart, i) => chart.resize(hosts[i]?.clientWidth ?? 0));
  }
}

/** How much is known of a run. @param {Run} run */
function stateOf({ started, reports, capture }) {
  return `${started} ${reports.length} ${capture.frames.length}`;
}

/** @param {Way} way @param {HTMLElement} place */
function bar(way, place) {
  const row = element("label", "measurement-bar");
  row.dataset.side = way;
  const bar = /** @type {HTMLProgressElement} */ (element("progress", ""));
  const text = element("span", "measurement-count");
  row.append(element("span", "measurement-name", word(names[way])), bar, text);
  place.append(row);
  return { bar, text };
}
