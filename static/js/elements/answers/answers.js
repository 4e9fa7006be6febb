// @ts-check
// What the streams of language models add up to: text, reasoning, calls of tools, usage,
// how they ended and what is wrong, each with the bytes that it came in.

import { element } from "../../lib/dom.js";
import { hasWord, word } from "../../lib/words.js";

/**
 * @typedef {{from: number, to: number}} Range bytes of the server's direction, to the one behind the last
 * @typedef {{start: number, range: Range}} Piece its start in the part's text, in bytes of UTF-8
 * @typedef {{kind: string, index: number, name?: string, id?: string, text: string, pieces: Piece[], range: Range, json?: boolean}} Part
 * @typedef {{code: string, args?: Record<string, string>, range: Range}} Problem
 * @typedef {{first: number, gap: number, gapAt: number, rate?: number, pieces: number}} Timing in ms, and a second
 * @typedef {object} Answer one of a document's `answers`: see the package answer
 * @property {string} form
 * @property {number} connection
 * @property {number} events
 * @property {Range} range
 * @property {Part[]} parts
 * @property {{in: number, out: number, range: Range}} [usage]
 * @property {string} [finish]
 * @property {boolean} ended
 * @property {Problem[]} [problems]
 * @property {Timing} [timing]
 */

/** Pieces that are drawn of a part: of more the rest stands there in one. */
const MOST_PIECES = 2000;

/**
 * Draws the answers of a document.
 * @param {Answer[]} answers
 * @param {(connection: number, offset: number) => void} choose shows the frame that begins there
 * @returns {HTMLElement[]}
 */
export function panels(answers, choose) {
  return answers.map((answer) => panel(answer, (range) => choose(answer.connection, range.from)));
}

/** @param {Answer} answer @param {(range: Range) => void} choose */
function panel(answer, choose) {
  const section = element("section", "answer");
  const head = element("header", "answer-head");
  const problems = answer.problems ?? [];
  const good = answer.ended && problems.length === 0;
  head.append(
    element("h2", "", word("answer.title", { form: word(`answer.form.${answer.form}`) })),
    element("span", "note", word("answer.events", { count: answer.events })),
    element("strong", good ? "answer-good" : "answer-bad", word(good ? "answer.ended" : "answer.broken")),
  );
  section.append(head);
  if (problems.length > 0) {
    const list = element("ul", "answer-problems");
    for (const problem of problems) {
      const item = element("li", "");
      item.append(element("span", "", problemIn(problem)), place(problem.range, choose));
      list.append(item);
    }
    section.append(list);
  }
  const figures = figuresOf(answer);
  if (figures.length > 0) {
    const row = element("dl", "answer-figures");
    for (const [name, value] of figures) {
      const pair = element("div", "");
      pair.append(element("dt", "", name), element("dd", "", value));
      row.append(pair);
    }
    section.append(row);
  }
  const rows = element("div", "answer-rows");
  for (const part of answer.parts) rows.append(...partOf(part, choose));
  if (answer.finish) rows.append(element("strong", "", word("answer.finish")), element("code", "", answer.finish), element("span", ""));
  if (answer.usage) {
    const { usage } = answer;
    const said = word(usage.out ? "answer.tokens" : "answer.in_only", { in: usage.in, out: usage.out });
    rows.append(element("strong", "", word("answer.usage")), element("span", "", said), place(usage.range, choose));
  }
  section.append(rows);
  return section;
}

/** @param {Problem} problem */
function problemIn({ code, args = {} }) {
  const kind = `answer.kind.${args.kind}`;
  const part = hasWord(kind) ? word(kind, { index: args.index ?? "" }) : "";
  return word(`answer.problem.${code}`, { ...args, part });
}

/** @param {Answer} answer @returns {[string, string][]} */
function figuresOf({ timing }) {
  if (!timing) return [];
  const ms = (/** @type {number} */ n) => word("answer.ms", { ms: Math.round(n) });
  const rate = timing.rate ? word("answer.tokens_s", { rate: timing.rate.toFixed(1) }) : word("answer.pieces_s", { rate: timing.pieces.toFixed(1) });
  return [
    [word("answer.first"), ms(timing.first)],
    [word("answer.gap"), ms(timing.gap)],
    [word("answer.rate"), rate],
  ];
}

/** A button that shows where bytes are. @param {Range} range @param {(range: Range) => void} choose */
function place(range, choose) {
  const button = element("button", "answer-place", rangeIn(range));
  button.addEventListener("click", () => choose(range));
  return button;
}

/** @param {Range} range */
function rangeIn({ from, to }) {
  return to > from ? word("viewer.range", { from, to: to - 1 }) : word("viewer.byte_at", { place: from });
}

/** @param {Part} part @param {(range: Range) => void} choose */
function partOf(part, choose) {
  const name = word(`answer.kind.${part.kind}`, { index: part.index });
  const head = element("div", "");
  head.append(element("strong", "", name), element("span", "note", word("answer.pieces", { count: part.pieces.length })));
  const text = element("div", "answer-text");
  if (part.name) text.append(element("b", "", part.name), " ");
  const pieces = element("span", "answer-pieces");
  pieces.tabIndex = 0;
  pieces.setAttribute("role", "group");
  pieces.setAttribute("aria-label", word("answer.choose", { part: name }));
  for (const piece of textsOf(part)) pieces.append(element("span", "answer-piece", piece));
  let at = -1;
  const select = (/** @type {number} */ i) => {
    if (!pieces.children[i] || !part.pieces[i]) return;
    pieces.children[at]?.removeAttribute("aria-current");
    pieces.children[(at = i)].setAttribute("aria-current", "true");
    choose(part.pieces[i].range);
  };
  pieces.addEventListener("click", ({ target }) => select([...pieces.children].indexOf(/** @type {Element} */ (target))));
  pieces.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    select(Math.max(0, at + step));
  });
  text.append(pieces);
  if (part.json) text.append(element("p", "note", word("answer.json")));
  return [head, text, place(part.range, choose)];
}

/**
 * The texts of a part's pieces; of what is more than are drawn, the rest in one.
 * @param {Part} part
 */
export function textsOf({ text, pieces }) {
  const bytes = new TextEncoder().encode(text);
  const decoder = new TextDecoder();
  const drawn = pieces.slice(0, MOST_PIECES);
  return drawn.map(({ start }, i) => decoder.decode(bytes.subarray(start, i === MOST_PIECES - 1 ? undefined : pieces[i + 1]?.start)));
}
