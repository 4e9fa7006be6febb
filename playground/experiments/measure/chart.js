// @ts-check
// Distributions, drawn by uPlot. It is loaded when there is something to draw.

import { styles, uPlot as untyped } from "../../../static/vendor/uplot.js";

/** The bundle has no types. @type {any} */
const uPlot = untyped;

const height = 200; // px

/** The lines, in the order of the ways. Not by colour alone: but for that of SSE they are broken, each otherwise. */
const lines = /** @type {const} */ ([
  ["--sse", []],
  ["--longpoll", [8, 3, 2, 3]],
  ["--poll", [2, 3]],
  ["--ws", [6, 4]],
]);

/** Steps of an axis from one power of ten to the next. */
const steps = [1, 2, 5];

const sheet = new CSSStyleSheet();
sheet.replaceSync(styles);

/**
 * The share of the samples that took no longer than so many milliseconds, a
 * curve for each way (an empirical distribution function). A histogram would
 * need bins, which hide a clock's steps and make them hard to compare; here
 * each sample is a step, percentiles are read off at the left, and the curve
 * further to the left is the faster. Times are on a logarithmic axis: latencies
 * have long tails, and what is asked is how many times one is of the other.
 */
export class Chart {
  #plot;

  /**
   * @param {HTMLElement} host
   * @param {number[][]} samples in ms, a list for each way; at least one of them not empty
   */
  constructor(host, samples) {
    if (!document.adoptedStyleSheets.includes(sheet)) document.adoptedStyleSheets.push(sheet);
    const look = getComputedStyle(host);
    const colour = (/** @type {string} */ name) => look.getPropertyValue(name).trim();
    const font = `12px ${colour("--sans")}`;
    const { data, from, to } = shares(samples);
    const marks = ticks(from, to);
    const stepped = uPlot.paths.stepped({ align: 1 });
    const axis = { stroke: colour("--muted"), font, ticks: { show: false } };
    host.replaceChildren();
    this.#plot = new uPlot(
      {
        width: host.clientWidth,
        height,
        legend: { show: false },
        cursor: { show: false },
        scales: {
          x: { time: false, distr: 3, range: () => [from, to] },
          y: { range: () => [0, 1] },
        },
        axes: [
          {
            ...axis,
            size: 28,
            grid: { stroke: colour("--line"), width: 1 },
            splits: () => marks,
            filter: (/** @type {any} */ _, /** @type {number[]} */ all) => all,
            values: () => labels(marks),
          },
          {
            ...axis,
            size: 44,
            grid: { stroke: colour("--line"), width: 1 },
            splits: () => [0, 0.25, 0.5, 0.75, 0.9, 1],
            values: () => ["0", "25 %", "50 %", "75 %", "90 %", ""],
          },
        ],
        series: [
          {},
          ...lines.map(([name, dash]) => ({ stroke: colour(name), width: 2, dash, paths: stepped, points: { show: false } })),
        ],
      },
      data,
      host,
    );
  }

  /** @param {number} width */
  resize(width) {
    if (width > 0 && width !== this.#plot.width) this.#plot.setSize({ width, height });
  }

  remove() {
    this.#plot.destroy();
  }
}

/**
 * The share of each at every time that any has a sample at.
 * @param {number[][]} samples
 */
function shares(samples) {
  // A coarse clock may say 0, and the estimate of another clock less: neither
  // has a place on a logarithmic axis.
  const least = 0.01;
  const sorted = samples.map((list) => list.map((ms) => Math.max(ms, least)).sort((a, b) => a - b));
  const all = [...new Set(sorted.flat())].sort((a, b) => a - b);
  const [from, to] = [below(all[0] / 1.05), above(all[all.length - 1] * 1.05)];
  const times = [from, ...all, to];
  const curves = sorted.map((list) => {
    let count = 0;
    return times.map((time) => {
      while (count < list.length && list[count] <= time) count++;
      return list.length > 0 ? count / list.length : null;
    });
  });
  return { data: [times, ...curves], from, to };
}

/** The next step of the axis at or below a time. @param {number} ms */
function below(ms) {
  const power = 10 ** Math.floor(Math.log10(ms));
  return power * (steps.findLast((step) => step * power <= ms) ?? 1);
}

/** The next step of the axis at or above a time. @param {number} ms */
function above(ms) {
  const power = 10 ** Math.floor(Math.log10(ms));
  return power * (steps.find((step) => step * power >= ms) ?? 10);
}

/** @param {number} from @param {number} to */
function ticks(from, to) {
  const all = [];
  for (let at = from; at <= to * 1.001; at = above(at * 1.01)) all.push(at);
  return all;
}

/**
 * Where there are many, only the powers of ten and the ends have a number.
 * @param {number[]} marks
 */
function labels(marks) {
  return marks.map((mark) => {
    const round = Number(mark.toPrecision(1));
    const isPower = Number.isInteger(Number(Math.log10(round).toFixed(6)));
    return marks.length <= 6 || isPower ? String(round) : "";
  });
}
