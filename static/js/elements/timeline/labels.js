// @ts-check
// Where the words of a timeline go, so that none covers another.

/**
 * @typedef {object} Label
 * @property {number} x        the place that it speaks of
 * @property {string[]} lines
 * @property {number} width    of the longest line
 */

/**
 * @template {Label} L
 * @typedef {{label: L, left: number, row: number, leader: boolean}} Placed  leader: whether a line leads to it
 */

/** Space between two labels in a row, in pixels. */
const APART = 14;

/**
 * Breaks a text into lines: Latin between words, Chinese between characters,
 * and never so that a line begins with a closing mark, or that a character or
 * two are left over for the last one.
 * @param {string} text
 * @param {number} most  width of a line
 * @param {(text: string) => number} measure
 */
export function wrap(text, most, measure) {
  const parts =
    text.match(/[\u2e80-\u9fff\uff00-\uffef][，。：；！？）」』、]*|[^\s\u2e80-\u9fff\uff00-\uffef]+\s*|\s+/g) ?? [];
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
 * Lays labels out in rows under a lane. They are taken from the right: a label
 * begins at its place, so one that would run into its right neighbour goes
 * below it, and the line that leads there passes on the neighbour's left.
 * @template {Label} L
 * @param {L[]} labels
 * @param {number} width of the lane
 * @returns {{placed: Placed<L>[], rows: number}}
 */
export function place(labels, width) {
  /** @type {Placed<L>[]} */
  const placed = [];
  let rows = 0;
  for (const label of [...labels].sort((a, b) => b.x - a.x)) {
    const left = Math.max(0, Math.min(label.x, width - label.width));
    const tried = { label, left, row: 0, leader: true };
    while (placed.some((other) => collide(tried, other))) tried.row++;
    tried.leader = !placed.some((other) => crosses(tried, other));
    placed.push(tried);
    rows = Math.max(rows, tried.row + label.lines.length);
  }
  return { placed, rows };
}

/** Whether a label would cover another, or the line that leads to it. @param {Placed<Label>} a @param {Placed<Label>} b */
function collide(a, b) {
  const beside = a.left >= right(b) + APART || b.left >= right(a) + APART;
  const above = a.row + a.label.lines.length <= b.row;
  const below = b.row + b.label.lines.length <= a.row;
  return (!beside && !above && !below) || (b.leader && crosses(b, a));
}

/** Whether the line that leads to a passes through b. @param {Placed<Label>} a @param {Placed<Label>} b */
function crosses(a, b) {
  return b.row < a.row && b.left - 4 < a.label.x && a.label.x < right(b) + 4;
}

/** @param {Placed<Label>} placed */
function right({ left, label }) {
  return left + label.width;
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
  const steps = [2000, 5000, 10_000, 20_000, 30_000, 60_000, 120_000];
  return steps.find((step) => elapsed < 0.95 * step) ?? Math.ceil((1.1 * elapsed) / 60_000) * 60_000;
}
