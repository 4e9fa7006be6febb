// @ts-check
// One answer of a language model, put together.

import { rhythm, time } from "./rhythm.js";
import { valueOf } from "../../lib/capture.js";
import { element } from "../../lib/dom.js";
import { hasWord, word } from "../../lib/words.js";

/**
 * @typedef {{from: number, to: number}} Range bytes of the server's direction, to the one behind the last
 * @typedef {{at: string, start: number, range: Range}} Piece its start in the part's text, in bytes of UTF-8
 * @typedef {{kind: string, index: number, name?: string, id?: string, text: string, pieces: Piece[], range: Range, json?: boolean}} Part
 * @typedef {{code: string, args?: Record<string, string>, range: Range}} Problem
 * @typedef {{asked: string, first: number, last: number, gap: number, gapFrom: number, gapAt: number, rate?: number, steady?: number, pieces: number}} Timing in ms, and a second
 * @typedef {object} Answer one of a document's `answers`: see the package answer
 * @property {string} form
 * @property {number} connection
 * @property {number} [exchange]
 * @property {number} events
 * @property {Range} range
 * @property {Part[]} parts
 * @property {{in: number, out: number, range: Range}} [usage]
 * @property {string} [finish]
 * @property {boolean} ended
 * @property {boolean} [open]
 * @property {number} content
 * @property {Problem[]} [problems]
 * @property {Timing} [timing]
 */

/** Pieces that are drawn of a part: of more the rest stands there in one. */
const MOST_PIECES = 2000;
/** Characters of an event that are shown. */
const MOST_EVENT = 4000;

export class Panel {
  element = element("section", "answer");
  #choose;
  #captureOf;
  /** @type {Answer} */
  #answer = /** @type {Answer} */ ({});
  #side = element("span", "answer-side");
  #title = element("h2", "");
  #about = element("span", "note");
  #state = element("strong", "");
  #problems = element("ul", "answer-problems");
  #figures = element("dl", "answer-figures");
  #rhythm = element("div", "answer-rhythm");
  #rows = element("div", "answer-rows");
  #end = element("div", "answer-rows answer-close");
  #piece = element("div", "answer-piece-shown");
  /** @type {PartRow[]} */
  #parts = [];
  /** What each place shows: only what has changed is drawn again. @type {Map<Element, string>} */
  #drawn = new Map();

  /**
   * @param {(connection: number, range: Range) => void} choose shows the frame that begins there
   * @param {() => import("../../lib/capture.js").Capture|undefined} captureOf
   */
  constructor(choose, captureOf) {
    this.#choose = choose;
    this.#captureOf = captureOf;
    const head = element("header", "answer-head");
    head.append(this.#side, this.#title, this.#about, this.#state);
    this.#piece.setAttribute("role", "status");
    this.element.append(head, this.#problems, this.#figures, this.#rhythm, this.#rows, this.#end, this.#piece);
    this.#rhythm.addEventListener("choose", (event) => {
      const { part, piece } = /** @type {CustomEvent} */ (event).detail;
      this.#parts[part]?.select(piece);
    });
  }

  /** @param {Answer} answer @param {string} [side] of the playground: "sse" or "ws" */
  update(answer, side) {
    if (side) {
      this.element.dataset.side = side;
      this.#side.textContent = word(`side.${side}`);
    }
    const before = this.#answer;
    this.#answer = answer;
    if (before.connection !== answer.connection || before.range?.from !== answer.range.from) this.#reset();
    this.#title.textContent = word("answer.title", { form: word(`answer.form.${answer.form}`) });
    this.#about.textContent = [word("answer.events", { count: answer.events }), word("answer.size", { bytes: answer.range.to - answer.range.from })].join(" · ");
    const problems = answer.problems ?? [];
    const state = answer.open && problems.length === 0 ? "open" : answer.ended && problems.length === 0 ? "ended" : "broken";
    this.#state.className = { open: "", ended: "answer-good", broken: "answer-bad" }[state];
    this.#state.textContent = word(`answer.${state}`);
    this.#draw(this.#problems, problems, () => problems.map((problem) => this.#problem(problem)));
    const figures = figuresOf(answer);
    this.#draw(this.#figures, figures, () => figures.map(figure));
    this.#draw(this.#rhythm, [answer.timing, answer.parts.map(({ pieces }) => pieces.length), answer.open], () => rhythm(answer, nameOf));
    for (const [i, part] of answer.parts.entries()) {
      if (!this.#parts[i]) {
        const row = new PartRow((piece) => this.#show(i, piece), (range) => this.#go(range));
        this.#parts.push(row);
        this.#rows.append(...row.cells);
      }
      this.#parts[i].update(part);
    }
    this.#draw(this.#end, [answer.finish, answer.usage], () => this.#ends());
  }

  #reset() {
    this.#rows.replaceChildren();
    this.#piece.replaceChildren();
    this.#parts = [];
  }

  /** @param {Element} place @param {any} what @param {() => Node[]} draw */
  #draw(place, what, draw) {
    const text = JSON.stringify(what);
    if (this.#drawn.get(place) === text) return;
    this.#drawn.set(place, text);
    const nodes = draw();
    place.replaceChildren(...nodes);
    place.toggleAttribute("hidden", nodes.length === 0);
  }

  /** @param {Range} range */
  #go(range) {
    this.#choose(this.#answer.connection, range);
  }

  /** @param {Problem} problem */
  #problem({ code, args = {}, range }) {
    const item = element("li", "");
    const kind = `answer.kind.${args.kind}`;
    const part = hasWord(kind) ? word(kind, { index: args.index ?? "" }) : "";
    item.append(element("span", "", word(`answer.problem.${code}`, { ...args, part })), place(range, (range) => this.#go(range)));
    return item;
  }

  #ends() {
    const { finish, usage, ended, range } = this.#answer;
    /** @type {Node[]} */
    const cells = [];
    if (finish) {
      const said = element("span", "");
      said.append(element("b", "", finish));
      if (hasWord(`answer.finish.${finish}`)) said.append(" ", word(`answer.finish.${finish}`));
      cells.push(element("strong", "", word("answer.finish")), said, ended ? place({ from: range.to, to: range.to }, () => this.#go({ from: range.to - 1, to: range.to })) : element("span", ""));
    }
    if (usage) {
      const said = word(usage.out ? "answer.tokens" : "answer.in_only", { in: usage.in, out: usage.out });
      cells.push(element("strong", "", word("answer.usage")), element("span", "", said), place(usage.range, (range) => this.#go(range)));
    }
    return cells;
  }

  /** Shows a piece in its event, and its frame. @param {number} part @param {number} piece */
  #show(part, piece) {
    this.#mark(part, piece);
    this.#go(this.#answer.parts[part].pieces[piece].range);
  }

  /** @param {number} part @param {number} piece */
  #mark(part, piece) {
    for (const [i, row] of this.#parts.entries()) row.mark(i === part ? piece : -1);
    const { pieces, kind, index } = this.#answer.parts[part];
    const { range, at } = pieces[piece];
    const name = nameOf({ kind, index });
    const about = [word("answer.piece", { number: piece + 1, part: name }), rangeIn(range)];
    const { timing } = this.#answer;
    if (timing) about.push(word("answer.after", { time: time(Date.parse(at) - Date.parse(timing.asked)) }));
    const head = element("p", "");
    head.append(element("b", "", about[0]), ` · ${about.slice(1).join(" · ")}`);
    const event = element("code", "");
    event.append(...marked(eventIn(this.#captureOf(), this.#answer.connection, range), this.#parts[part].textOf(piece)));
    this.#piece.replaceChildren(head, event);
  }

  /** Marks the piece that came in a frame. @param {{connection: number, from: string, offset: number, length: number}} row */
  find({ connection, from, offset, length }) {
    if (connection !== this.#answer.connection || from !== "server") return;
    const has = (/** @type {Piece} */ { range }) => range.to > offset && range.from < offset + Math.max(1, length);
    for (const [i, { pieces }] of this.#answer.parts.entries()) {
      const piece = pieces.findIndex(has);
      if (piece >= 0) return this.#mark(i, piece);
    }
  }
}

/** One part: its name, its text in pieces, its bytes. */
class PartRow {
  #head = element("div", "");
  #text = element("div", "answer-text");
  #place = element("div", "answer-range");
  #pieces = element("span", "answer-pieces");
  #note = element("p", "note");
  #name = element("b", "");
  /** @type {string[]} */
  #texts = [];
  #at = -1;
  #shown;
  #go;

  /** @param {(piece: number) => void} shown @param {(range: Range) => void} go */
  constructor(shown, go) {
    this.#shown = shown;
    this.#go = go;
    const { dataset } = this.#pieces;
    dataset.part = "pieces";
    this.#pieces.tabIndex = 0;
    this.#pieces.setAttribute("role", "group");
    this.#pieces.addEventListener("click", ({ target }) => this.select([...this.#pieces.children].indexOf(/** @type {Element} */ (target))));
    this.#pieces.addEventListener("keydown", (event) => {
      const last = this.#texts.length - 1;
      const to = { ArrowLeft: Math.max(0, this.#at - 1), ArrowRight: Math.min(last, this.#at + 1), Home: 0, End: last }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      this.select(to);
    });
    this.#text.append(this.#name, this.#pieces, this.#note);
  }

  get cells() {
    return [this.#head, this.#text, this.#place];
  }

  /** @param {Part} part */
  update(part) {
    const name = nameOf(part);
    this.#head.replaceChildren(element("strong", "", name), element("span", "note", word("answer.pieces", { count: part.pieces.length })));
    this.#name.hidden = !part.name;
    this.#name.textContent = `${part.name} `;
    this.#pieces.setAttribute("aria-label", word("answer.choose", { part: name }));
    const texts = textsOf(part);
    for (const [i, text] of texts.entries()) {
      const there = this.#pieces.children[i];
      if (!there) this.#pieces.append(element("span", "answer-piece", text));
      else if (text !== this.#texts[i]) there.textContent = text;
    }
    this.#texts = texts;
    const notes = [part.json && word("answer.json"), part.id && word("answer.id", { id: part.id })].filter(Boolean);
    this.#note.textContent = notes.join(" ");
    this.#note.hidden = notes.length === 0;
    const said = rangeIn(part.range);
    if (this.#place.textContent !== said) this.#place.replaceChildren(place(part.range, this.#go));
  }

  /** @param {number} piece */
  select(piece) {
    if (this.#pieces.children[piece]) this.#shown(piece);
  }

  /** @param {number} piece none where it is negative */
  mark(piece) {
    this.#pieces.children[this.#at]?.removeAttribute("aria-current");
    this.#pieces.children[(this.#at = piece)]?.setAttribute("aria-current", "true");
  }

  /** @param {number} piece */
  textOf(piece) {
    return this.#texts[piece] ?? "";
  }
}

/** @param {{kind: string, index: number}} part */
function nameOf({ kind, index }) {
  return word(`answer.kind.${kind}`, { index });
}

/** @param {Answer} answer @returns {[string, string, string][]} a name, a number and what it is of */
function figuresOf({ timing, usage, content, range }) {
  /** @type {[string, string, string][]} */
  const list = [];
  if (timing) {
    const { first, gap, gapAt, rate, steady, pieces } = timing;
    list.push([word("answer.first"), time(first), ""]);
    const said = steady ? word("answer.without", { rate: steady.toFixed(steady < 10 ? 1 : 0) }) : "";
    const value = rate ?? pieces;
    if (value > 0) list.push([word("answer.rate"), value.toFixed(value < 10 ? 1 : 0), word(rate ? "answer.tokens_each" : "answer.pieces_each") + said]);
    if (gap > 0) list.push([word("answer.gap"), time(gap), word("answer.before_byte", { place: gapAt })]);
  }
  if (usage?.in) list.push([word("answer.in"), String(usage.in), ""]);
  if (usage?.out) list.push([word("answer.out"), String(usage.out), ""]);
  if (content > 0) list.push([word("answer.overhead"), ((range.to - range.from) / content).toFixed(content * 10 > range.to - range.from ? 1 : 0), ""]);
  return list;
}

/** @param {[string, string, string]} figure */
function figure([name, value, of]) {
  const pair = element("div", "");
  const said = element("dd", "");
  said.append(element("b", "", value), of && ` ${of}`);
  pair.append(element("dt", "", name), said);
  return pair;
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

/**
 * What an event that ends with its range says.
 * @param {import("../../lib/capture.js").Capture|undefined} capture @param {number} connection @param {Range} range
 */
function eventIn(capture, connection, { to }) {
  const ends = capture?.frames.filter((frame) => frame.connection === connection && frame.from === "server" && frame.offset + frame.length === to) ?? [];
  for (const frame of ends) {
    const data = frame.sse?.event?.data ?? valueOf(frame, "websocket.payload") ?? valueOf(frame, "ndjson.value") ?? valueOf(frame, "json.value");
    if (data !== undefined) return data;
  }
  return "";
}

/** An event with what a piece is of it marked. @param {string} event @param {string} piece @returns {(Node|string)[]} */
function marked(event, piece) {
  const written = JSON.stringify(piece).slice(1, -1);
  const at = written === "" ? -1 : event.lastIndexOf(written);
  if (at < 0) return [event.slice(0, MOST_EVENT)];
  const begin = Math.max(0, at - MOST_EVENT / 2);
  const end = at + written.length;
  return [event.slice(begin, at), element("mark", "", event.slice(at, end)), event.slice(end, end + MOST_EVENT / 2)];
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
