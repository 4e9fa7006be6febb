// @ts-check
// What a learner does on a lesson's page, told to the class by events that the page
// has for itself.

import { keyOf } from "./keys.js";

/** @typedef {import("../../lib/finding.js").Finding} Finding */

/** Arguments that differ from one person to the next with the same outcome. */
const PERSONAL = ["ms", "from", "ratio", "rate", "times"];

/** And those that differ where the class was cut: a cut by the experiment comes to all at the same number. */
const WHERE_CUT = ["id", "last"];

/** What findings measure, by their words. @type {Record<string, {what: string, arg: string}>} */
const MEASURED = {
  "finding.reconnect.gap": { what: "retry", arg: "ms" },
  "finding.reconnect.gap_default": { what: "retry", arg: "ms" },
  "finding.reconnect.own_wait": { what: "retry", arg: "ms" },
  "finding.six.places": { what: "limit", arg: "connections" },
  "finding.six.sockets": { what: "limit", arg: "connections" },
  "finding.measure.sse_trip": { what: "trip", arg: "ms" },
  "finding.measure.ws_trip": { what: "trip", arg: "ms" },
};

/** How often a place is told at the most, in ms. */
const PLACE_EVERY = 1000;

/**
 * What a run has come to on one side, in a word: what decides the lesson's question,
 * else what went wrong last, else what was noticed last.
 * @param {Finding[]} findings in order
 * @param {"sse" | "ws"} side
 * @param {boolean} [cut] whether the teacher has cut it
 */
export function outcomeIn(findings, side, cut = false) {
  const own = findings.filter((finding) => finding.side === side);
  const timeless = own.filter(({ args }) => !("ms" in args));
  const list = timeless.length > 0 ? timeless : own;
  const chosen = list.findLast(({ decides }) => decides) ?? list.findLast(({ kind }) => kind === "gap") ?? list.findLast(({ kind }) => kind === "good") ?? list.findLast(({ kind }) => kind === "cut") ?? list.at(-1);
  if (!chosen) return "";
  const args = Object.fromEntries(Object.entries(chosen.args).filter(([name]) => !PERSONAL.includes(name) && !(cut && WHERE_CUT.includes(name))));
  return keyOf(chosen.word.replace(/^finding\./, ""), args);
}

/**
 * What is measured in a run, one a side and kind.
 * @param {Finding[]} findings
 */
export function measuredIn(findings) {
  /** @type {Map<string, {what: string, side: "sse" | "ws", value: number}>} */
  const all = new Map();
  for (const { side, word, args } of findings) {
    const measure = MEASURED[word];
    const value = Number(args[measure?.arg]);
    if (measure && Number.isFinite(value) && !all.has(`${measure.what} ${side}`)) all.set(`${measure.what} ${side}`, { what: measure.what, side, value });
  }
  return [...all.values()];
}

/**
 * How a connection stands after reports of its program.
 * @param {"open" | "waiting" | "closed"} before
 * @param {{kind: string}} report
 * @returns {"open" | "waiting" | "closed"}
 */
export function lineAfter(before, { kind }) {
  switch (kind) {
    case "open":
      return "open";
    case "error":
    case "close": // the browser or the program may connect again, until the program has ended
      return "waiting";
    case "end":
    case "throw":
      return "closed";
  }
  return before;
}

/** Fires "place" when another heading is in view. */
export class Reporter extends EventTarget {
  /** The ID of the heading in view. */
  heading = "";

  #line;
  #lesson = document.body.dataset.lesson ?? "";
  #told = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {Record<"sse" | "ws", "open" | "waiting" | "closed">} */
  #lines = { sse: "closed", ws: "closed" };
  /** The capture of the run. */
  #running = "";

  /** @param {import("./line.js").Line} line */
  constructor(line) {
    super();
    this.#line = line;
    if (!this.#lesson) return;
    document.addEventListener("click", (event) => this.#voted(/** @type {Element} */ (event.target)));
    document.addEventListener("seewire-capture", (event) => this.#capture(/** @type {CustomEvent} */ (event).detail));
    document.addEventListener("seewire-reports", (event) => this.#reports(/** @type {CustomEvent} */ (event).detail));
    document.addEventListener("seewire-found", (event) => this.#found(/** @type {CustomEvent} */ (event).detail));
    document.addEventListener("seewire-judged", (event) => this.#judged(/** @type {CustomEvent} */ (event).detail));
    document.addEventListener("scroll", () => this.#soon(), { passive: true });
    this.#place();
  }

  /** Tells all again that the server has to know of this page: the line is new. */
  hello() {
    this.#told = "";
    const capture = document.querySelector("seewire-playground [data-part=capture]")?.textContent;
    if (capture) this.#capture(capture);
    this.#place();
  }

  /** A press on an answer counts, also on the one that is chosen already. @param {Element} target */
  #voted(target) {
    const option = /** @type {HTMLInputElement | null} */ (target.closest("seewire-predict input[type=radio]"));
    const { ask } = this.#line.state ?? {};
    if (!option || !ask?.open || ask.lesson !== this.#lesson) return;
    this.#line.send({ vote: { lesson: this.#lesson, round: ask.round, answer: Number(option.value) } });
  }

  /** @param {string} id */
  #capture(id) {
    this.#running = id;
    this.#line.send({ capture: { id } });
  }

  /** @param {{side: "sse" | "ws", reports: any[]}} batch */
  #reports({ side, reports }) {
    const before = this.#lines[side];
    this.#lines[side] = reports.filter(({ beside }) => !beside).reduce((line, report) => lineAfter(line, report), before);
    if (this.#lines[side] !== before) this.#line.send({ line: { side, state: this.#lines[side], capture: this.#running } });
  }

  /** @param {{findings: Finding[]}} run */
  #found({ findings }) {
    const { wave, run } = this.#line.state ?? {};
    const cut = Boolean(wave && wave.at > (run?.at ?? 0));
    this.#line.send({ ran: { lesson: this.#lesson, sse: outcomeIn(findings, "sse", cut), ws: outcomeIn(findings, "ws", cut) } });
    for (const measured of measuredIn(findings)) this.#line.send({ measured: { lesson: this.#lesson, ...measured } });
  }

  /** @param {{begun?: boolean, passed?: boolean, checks?: {ok: boolean, word: string}[], hint?: number}} judged */
  #judged({ begun, passed, checks = [], hint }) {
    const fails = checks.filter(({ ok }) => !ok).map(({ word }) => keyOf(word, hint ? { hint } : {}));
    this.#line.send({ exercise: { lesson: this.#lesson, state: begun ? "begun" : passed ? "solved" : "tried", fails } });
  }

  #soon() {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#place();
    }, PLACE_EVERY);
  }

  #place() {
    if (!this.#lesson) return;
    const upper = innerHeight / 4; // where a heading is that the page was brought to
    const steps = Array.from(document.querySelectorAll("main :is(h2, seewire-predict)[id]"));
    const heading = steps.findLast((step) => step.getBoundingClientRect().top < upper)?.id ?? "";
    if (heading === this.#told && heading) return;
    this.heading = this.#told = heading;
    this.#line.send({ at: { lesson: this.#lesson, heading } });
    this.dispatchEvent(new Event("place"));
  }
}
