// @ts-check
// Where the words of a timeline go, so that none covers another.

/**
 * @typedef {object} Label
 * @property {number} x        the place that it speaks of
 * @property {number} width
 * @property {string} tone     "trouble" comes before "good", and that before all else
 * @property {boolean} [cut]   whether it says how something ended: it stands before its place
 * @property {number} [lines]  how many rows it takes; one, if absent
 * @property {boolean} [stays] whether it must not be left out
 */

/** Space between two labels in a row, in pixels. */
const APART = 10;

/** The words begin so far inside of a label's edge: a line there runs beside them. */
const EDGE = 4;

/** @type {Record<string, number>} */
const WEIGHT = { trouble: 0, good: 1 };

/**
 * Breaks a text into lines: Latin between words, Chinese between characters,
 * and never so that a line begins with a closing mark, or that a character or
 * two are left over for the last one.
 * @param {string} text
 * @param {number} most  width of a line
 * @param {(text: string) => number} measure
 */
export function wrap(text, most, measure) {
  const words =
    text.match(/[\u2e80-\u9fff\uff00-\uffef][，。：；！？）」』、]*|[^\s\u2e80-\u9fff\uff00-\uffef]+[，。：；！？）」』、]*\s*|\s+/g) ?? [];
  // An address may be longer than a line.
  const parts = words.flatMap((word) => (measure(word.trimEnd()) > most ? [...word] : [word]));
  const lines = fill(parts, most, measure);
  if (lines.length === 1 || measure(lines[lines.length - 1]) > most / 6) return lines;
  const evener = fill(parts, (most * 5) / 6, measure);
  return evener.length === lines.length ? evener : lines;
}

/** @param {string[]} parts @param {number} most @param {(text: string) => number} measure */
function fill(parts, most, measure) {
  const lines = [""];
  for (const part of parts) {
    const line = lines[lines.length - 1] + part;
    if (lines[lines.length - 1] === "" || measure(line.trimEnd()) <= most) lines[lines.length - 1] = line;
    else lines.push(part);
  }
  return lines.map((line) => line.trimEnd());
}

/**
 * Lays labels out in rows under a lane. A label begins or ends at its place, so
 * that the line which leads there touches it, and that line may run down the
 * edge of a label above it, not through it. What weighs most is placed first;
 * where that leaves others out, they are placed in the order of their places,
 * from the one end or the other. A label that has to stay and still finds no
 * room gets rows of its own, and its line runs behind those above it; any other
 * is left out.
 * @template {Label} L
 * @param {L[]} labels
 * @param {number} width of the lane
 * @param {number} rows as many as there should be
 * @returns {{label: L, left: number, row: number}[]}
 */
export function place(labels, width, rows) {
  const weight = (/** @type {L} */ { tone }) => WEIGHT[tone] ?? 2;
  const orders = [
    labels.toSorted((a, b) => weight(a) - weight(b) || a.x - b.x),
    labels.toSorted((a, b) => b.x - a.x),
    labels.toSorted((a, b) => a.x - b.x),
  ];
  let best = placeInOrder(orders[0], width, rows, false);
  for (const [i, order] of orders.entries()) {
    const placed = placeInOrder(order, width, rows, i === 2);
    if (worth(placed) > worth(best)) best = placed;
  }
  const has = new Set(best.map(({ label }) => label));
  for (const label of orders[0]) {
    if (has.has(label) || !label.stays) continue;
    const row = Math.max(0, ...best.map(({ label: { lines = 1 }, row }) => row + lines));
    best.push({ label, left: lefts(label, width, false)[0], row });
  }
  return best;
}

/** @param {{label: Label}[]} placed */
function worth(placed) {
  return placed.reduce((sum, { label: { tone } }) => sum + (tone === "trouble" ? 100 : 1), 0);
}

/**
 * @template {Label} L
 * @param {L[]} labels in the order in which they take their places
 * @param {number} width
 * @param {number} rows
 * @param {boolean} before whether a label rather ends at its place
 */
function placeInOrder(labels, width, rows, before) {
  /** @type {{label: L, left: number, row: number}[]} */
  const placed = [];
  for (const label of labels) {
    for (let row = 0; row + (label.lines ?? 1) <= rows; row++) {
      const left = lefts(label, width, before).find((left) => !placed.some((other) => collide({ label, left, row }, other)));
      if (left === undefined) continue;
      placed.push({ label, left, row });
      break;
    }
  }
  return placed;
}

/** Where a label may begin, the best first. @param {Label} label @param {number} width @param {boolean} before */
function lefts(label, width, before) {
  const begins = label.x;
  const ends = label.x - label.width;
  const within = Math.max(0, Math.min(begins, width - label.width));
  const both = label.cut || before ? [ends, begins] : [begins, ends];
  return [...both.filter((left) => left >= 0 && left + label.width <= width), within];
}

/**
 * Whether a label would cover another, or the line that leads to it.
 * @param {{label: Label, left: number, row: number}} a
 * @param {{label: Label, left: number, row: number}} b
 */
function collide(a, b) {
  const [upper, lower] = a.row < b.row ? [a, b] : [b, a];
  if (lower.row < upper.row + (upper.label.lines ?? 1)) {
    return a.left < b.left + b.label.width + APART && b.left < a.left + a.label.width + APART;
  }
  return upper.left + EDGE < lower.label.x && lower.label.x < upper.left + upper.label.width - EDGE;
}

/**
 * Puts labels one under the other, each as near to its place as those before it
 * let it be. One that can be left out is, where that is too far.
 * @template {{at: number, height: number, optional: boolean}} L
 * @param {L[]} labels in order
 * @param {number} farthest
 * @returns {{label: L, top: number}[]}
 */
export function stack(labels, farthest) {
  /** @type {{label: L, top: number}[]} */
  const stacked = [];
  let free = -Infinity;
  labels.forEach((label, i) => {
    const top = Math.max(label.at, free);
    // It would push a label away that has to stay.
    const next = labels.slice(i + 1).find((other) => !other.optional);
    const pushes = next !== undefined && next.at < top + label.height;
    if (label.optional && (top - label.at > farthest || pushes)) return;
    stacked.push({ label, top });
    free = top + label.height;
  });
  return stacked;
}

/**
 * The marks of a time axis: as many as there is room for, at round times.
 * @param {number} span in ms
 * @param {number} most
 */
export function ticks(span, most) {
  const steps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 30_000, 60_000];
  const step = steps.find((step) => span / step <= most) ?? 120_000;
  return Array.from({ length: Math.floor(span / step) + 1 }, (_, i) => i * step);
}

/** The length of time that is shown while a run goes on: it grows in steps, so that nothing slides. @param {number} elapsed in ms */
export function stepped(elapsed) {
  const steps = [2000, 4000, 8000, 16_000, 30_000, 60_000, 120_000];
  return steps.find((step) => elapsed < 0.95 * step) ?? Math.ceil((1.1 * elapsed) / 60_000) * 60_000;
}
