// @ts-check
import { changed, controlsIn, newCaptureID } from "../../lib/address.js";
import { moduleWithWords } from "../../lib/experiment.js";
import { experimentRun } from "../../lib/experimentrun.js";
import { isAllOver, nothingBeside } from "../../lib/evidence.js";
import { element } from "../../lib/dom.js";
import { now } from "../../lib/live.js";
import { isSolved, setSolved } from "../../lib/progress.js";
import { untilLoaded } from "../../lib/retry.js";
import { Runner } from "../../lib/runner.js";
import { verdict } from "../../lib/verdict.js";
import { word } from "../../lib/words.js";
import { Controls } from "../playground/controls.js";
import { Log } from "../playground/log.js";

/**
 * @typedef {import("../../lib/sandbox.js").Report} Report
 * @typedef {import("../code/code.js").Code} Code
 * @typedef {import("../../lib/verdict.js").Verdict} Verdict
 * @typedef {import("../../lib/verdict.js").Check} Check
 */

/** The longest time that a check may run. */
const longestCheck = 60_000; // ms

/** How often the check looks at a program that runs. */
const every = 500; // ms

/** A check that passes must still pass after this: something may come twice. */
const settling = 1000; // ms

/**
 * A program that was given nothing and did nothing for this long will not come
 * to anything; after an error less is enough.
 */
const stuck = { after: 7000, afterError: 3000 }; // ms

/** How long what is on its way may take, when the program has ended. */
const longestWait = 5000; // ms

/**
 * A task that is checked on what happened: the bytes on the wire, and what the
 * learner's program reported.
 *
 * Usage: see the component `exercise` of package view. What is right, the
 * experiment's exercise/check.js says. On the document it fires "seewire-judged"
 * when a check has begun and when it has come to a verdict.
 */
export class Exercise extends HTMLElement {
  #runner = new Runner(this, word("playground.sandbox"));
  #run = button("check", "exercise.check", "button primary", () => this.check());
  #stop = button("stop", "exercise.stop", "button", () => this.stop());
  #log = document.createElement("div");
  #lines = new Log(this.#log, (report) => this.#code?.focusAt(report.line, report.column));
  #evidence = document.createElement("details");
  #model = button("model", "exercise.show_model", "button", () => this.showModel().then((shown) => shown.focus({ preventScroll: true })));
  /** What a program connects with, where the exercise has none of its own. @type {HTMLTextAreaElement | undefined} */
  #answer;
  /** @type {Runner["state"] | undefined} */
  #state;
  /** What the last check has shown. @type {{sentence: string, checks: string} | undefined} */
  #shown;
  /** "judging": the program has ended, and what is on its way has not yet come. @type {"" | "judging" | "failed" | "passed"} */
  #judged = "";
  /**
   * When the program was stopped because something can't be mended: the rest might
   * still have come. Undefined where it was not. @type {number | undefined}
   */
  #decided;
  /** For how many ms nothing had happened when the program was stopped for it, else 0. */
  #still = 0;
  #ready = false;

  connectedCallback() {
    if (this.#ready) return;
    this.#ready = true;
    this.#part("no-script").remove();
    this.#makeProgram();
    this.#makeLog();
    this.#model.hidden = true;
    this.#part("actions").append(this.#run, this.#stop, this.#model);
    this.#part("actions").hidden = false;
    this.#makeEvidence();
    for (const hint of this.#hints) {
      hint.hidden = hint.dataset.hint !== "1";
      hint.addEventListener("toggle", () => hint.open && this.#showHints(Number(hint.dataset.hint) + 1));
    }

    this.#runner.addEventListener("reports", (event) => {
      const { reports, dropped } = /** @type {CustomEvent} */ (event).detail;
      this.#lines.add(reports, dropped, this.#side);
      const thrown = reports.find((/** @type {Report} */ report) => report.kind === "throw");
      if (thrown?.line) this.#code?.mark(thrown.line);
    });
    this.#runner.addEventListener("state", () => this.#sayState());
    this.#sayState();
    if (isSolved(this.#lesson, this.id)) this.#solved();
  }

  /** Runs the program and judges what comes of it. */
  async check() {
    const { values, typed } = this.#controls();
    this.#code?.mark(0);
    this.#part("result").replaceChildren();
    this.#shown = undefined;
    document.dispatchEvent(new CustomEvent("seewire-judged", { detail: { begun: true } }));
    const { programs, wishes } = experimentRun({
      experiment: this.dataset.experiment ?? "",
      server: location.origin,
      values,
      controls: typed,
      programs: machines(Number(this.dataset.copies)).map((machine) => ({ side: this.#side, code: this.#program, machine })),
    });
    await this.#runner.run(programs, { ...wishes, longest: longestCheck });
  }

  stop() {
    this.#runner.stop();
  }

  /** What others may see of the last check; undefined before the first. */
  get exhibit() {
    if (this.#runner.started === 0) return undefined;
    const { capture, reports, started } = this.#runner;
    return { capture, code: { sse: "", ws: "", [this.#side]: this.#program }, reports, started, findings: [] };
  }

  // --- the run ---

  #sayState() {
    const { state, late, reason, started, capture } = this.#runner;
    if (late) this.#say(word("playground.status.late"));
    if (state === this.#state) return; // one of several programs has ended
    this.#state = state;
    if (state === "starting") {
      this.#judged = "";
      this.#decided = undefined;
      this.#still = 0;
      this.#lines.clear(0);
      capture.addEventListener("change", () => this.#judged === "failed" && this.#judge(capture));
    }
    if (state === "running") {
      this.#lines.clear(started);
      this.#showEvidence();
      this.#watch(capture);
    }
    if (state === "ended") {
      if (["gone", "full", "frame"].includes(reason)) this.#say(word(`playground.status.${reason}`));
      else this.#end(capture);
    }
    this.#sayBusy();
  }

  #sayBusy() {
    const runs = this.#runner.state === "starting" || this.#runner.state === "running";
    const busy = runs || this.#judged === "judging";
    this.#stop.hidden = !runs;
    this.#run.textContent = word(busy ? "exercise.checking" : "exercise.check");
    this.#run.setAttribute("aria-disabled", String(busy));
    // What changes while it runs is there to look at, and not read out.
    this.#part("result").setAttribute("aria-live", busy ? "off" : "polite");
  }

  /**
   * Shows what the check sees while the program runs, and ends the program once
   * its verdict is known.
   * @param {import("../../lib/capture.js").Capture} capture
   */
  async #watch(capture) {
    let passing = Infinity; // since when
    let news = { count: 0, at: Infinity };
    for (;;) {
      await pause(every);
      const until = await this.#runner.caughtUp();
      if (this.#runner.state !== "running" || this.#runner.capture !== capture) return;
      const { passed, decided, checks } = await this.#check(capture, until);
      if (this.#runner.state !== "running" || this.#runner.capture !== capture) return;
      this.#show(word("exercise.so_far"), checks, "pending");

      passing = passed ? Math.min(passing, until) : Infinity;
      const { reports } = this.#runner;
      const count = capture.forgotten + capture.frames.length + reports.length;
      if (count !== news.count || news.at === Infinity) news = { count, at: until };
      const threw = reports.some(({ kind }) => kind === "throw");
      const still = threw ? stuck.afterError : stuck.after;
      if (!passed && !decided && until - news.at > still) this.#still = still;
      if (decided) this.#decided = until;
      if (decided || this.#still > 0 || until - passing >= settling) this.#runner.stop();
    }
  }

  /**
   * Judges when everything has come that the program has left on its way.
   * @param {import("../../lib/capture.js").Capture} capture
   */
  async #end(capture) {
    this.#judged = "judging";
    const deadline = now() + longestWait;
    do {
      await Promise.race([this.#runner.caughtUp(), pause(deadline - now())]);
      if (isAllOver(capture, this.#runner.reports, location.host)) break;
      await pause(every / 5);
    } while (now() < deadline);
    // What came last may have come after the mark.
    await Promise.race([this.#runner.caughtUp(), pause(deadline - now())]);
    await this.#judge(capture).finally(() => this.#sayBusy());
  }

  /** @param {import("../../lib/capture.js").Capture} capture @param {number} [until] @returns {Promise<Verdict>} */
  async #check(capture, until) {
    const { check } = await moduleWithWords(this.dataset.check ?? "", `exercise.${this.dataset.experiment}`);
    const reports = this.#runner.reports.filter(({ at }) => until === undefined || at <= until);
    const { checks, hint } = check({ capture, reports, controls: this.#controls().typed, until });
    return verdict([...checks, nothingBeside(reports, capture.id)], hint || 1);
  }

  /** @param {import("../../lib/capture.js").Capture} capture */
  async #judge(capture) {
    const { passed, checks, hint } = await this.#check(capture, this.#decided);
    if (this.#runner.state !== "ended" || this.#runner.capture !== capture) return; // another run has begun
    this.#judged = passed ? "passed" : "failed";
    this.#show(word(passed ? "exercise.passed" : "exercise.failed"), checks, this.#decided === undefined ? "failed" : "pending");
    document.dispatchEvent(new CustomEvent("seewire-judged", { detail: { passed, checks, hint } }));
    if (passed) {
      setSolved(this.#lesson, this.id);
      this.#solved();
    } else {
      this.#showHints(hint);
    }
  }

  /**
   * @param {string} sentence
   * @param {Check[]} checks
   * @param {"pending" | "failed"} rest what those are that are not met, and might be
   */
  #show(sentence, checks, rest) {
    const shown = { sentence, checks: JSON.stringify([rest, checks]) };
    if (this.#shown?.sentence === shown.sentence && this.#shown.checks === shown.checks) return;
    this.#shown = shown;
    const list = document.createElement("ul");
    list.className = "checks";
    list.append(...checks.map((check) => this.#item(check, check.ok ? "ok" : check.final ? "failed" : rest)));
    this.#say(sentence);
    this.#part("result").append(list);
    const isCut = this.#decided !== undefined && checks.some((check) => !check.ok && !check.final);
    if (isCut) this.#part("result").append(element("p", "", word("exercise.decided")));
    if (this.#still > 0) this.#part("result").append(element("p", "", word("exercise.still", { seconds: this.#still / 1000 })));
  }

  /** @param {Check} check @param {"ok" | "pending" | "failed"} state */
  #item({ word: key, args, place }, state) {
    const item = document.createElement("li");
    item.dataset.state = state;
    const mark = document.createElement("span");
    mark.className = "mark";
    mark.setAttribute("role", "img");
    mark.setAttribute("aria-label", word({ ok: "exercise.ok", pending: "exercise.pending", failed: "exercise.not_ok" }[state]));
    mark.textContent = { ok: "✓", pending: "·", failed: "✗" }[state];
    const text = document.createElement("span");
    text.textContent = word(key, args);
    item.append(mark, text);
    if (place && state === "failed") text.append(" ", button("show", "exercise.show", "link", () => this.#point(place)));
    return item;
  }

  /** Shows where in the bytes something is to be seen. @param {import("../../lib/verdict.js").Place} place */
  #point(place) {
    this.#evidence.open = true;
    const frames = /** @type {any} */ (this.#evidence.querySelector("seewire-frames"));
    frames.select(place);
    frames.scrollIntoView({ block: "nearest" });
    frames.querySelector("[role=listbox]")?.focus({ preventScroll: true });
  }

  /** @param {string} text */
  #say(text) {
    const line = document.createElement("p");
    line.textContent = text;
    this.#part("result").replaceChildren(line);
  }

  #solved() {
    this.dataset.state = "solved";
    if (this.#part("result").childElementCount === 0) this.#say(word("exercise.solved"));
    this.#model.hidden = this.querySelector(".exercise-model") !== null;
  }

  /** Shows a model answer beside the learner's, once. It comes when it has been earned, or a class's teacher shows it. */
  async showModel() {
    const address = `${location.pathname}/solutions.json`;
    const { [this.id]: solution } = await untilLoaded(async () => {
      const response = await fetch(address);
      if (!response.ok) throw new Error(`${address}: ${response.status}`);
      return response.json();
    });
    this.#model.hidden = true;
    const before = this.querySelector(".exercise-model pre");
    if (before) return /** @type {HTMLElement} */ (before);
    const figure = element("figure", "exercise-model");
    const pre = element("pre", "code");
    pre.tabIndex = 0;
    const code = element("code", "");
    code.innerHTML = solution; // from the course's own files
    pre.append(code);
    figure.append(element("figcaption", "", word("exercise.model")), pre);
    if (this.#answer) this.#answer.closest("label")?.after(figure);
    else this.#part("code").append(figure);
    return pre;
  }

  // --- what it is made of ---

  #makeProgram() {
    const pre = this.querySelector("[data-part=code] pre");
    if (pre) {
      const code = document.createElement("seewire-code");
      code.dataset.key = `${this.dataset.experiment}/exercise.js#${this.id}`;
      code.dataset.label = "exercise.js";
      code.dataset.side = this.#side;
      const place = this.#part("code");
      code.append(pre);
      place.append(code);
      return;
    }
    // What the learner writes is what the experiment takes as text, and the
    // program that reads it is the playground's.
    const field = /** @type {HTMLTextAreaElement | null} */ (document.querySelector("seewire-playground textarea"));
    if (!field) return;
    const box = document.createElement("label");
    box.className = "exercise-answer";
    box.textContent = field.labels?.[0]?.textContent ?? "";
    this.#answer = document.createElement("textarea");
    this.#answer.name = field.name;
    this.#answer.rows = 4;
    this.#answer.spellcheck = false;
    this.#answer.value = /** @type {HTMLElement} */ (field.closest("[data-control]")).dataset.default ?? "";
    box.append(this.#answer);
    this.#part("actions").before(box);
  }

  #makeLog() {
    this.#log.className = "log";
    this.#log.hidden = true;
    this.#log.tabIndex = 0;
    this.#log.setAttribute("role", "log");
    this.#log.setAttribute("aria-live", "off");
    this.#log.setAttribute("aria-label", word("playground.log"));
    this.#part("result").before(this.#log);
  }

  #makeEvidence() {
    const summary = document.createElement("summary");
    summary.textContent = word("exercise.evidence");
    this.#evidence.append(summary, document.createElement("seewire-frames"));
    this.#evidence.hidden = true;
    this.#part("result").after(this.#evidence);
  }

  #showEvidence() {
    const frames = /** @type {any} */ (this.#evidence.querySelector("seewire-frames"));
    frames.capture = this.#runner.capture;
    frames.started = this.#runner.started;
    frames.reports = this.#runner.reports;
    this.#evidence.hidden = false;
    this.#log.hidden = false;
  }

  /**
   * Hints come one at a time: to open one brings the next.
   * @param {number} upTo
   */
  #showHints(upTo) {
    for (const hint of this.#hints) {
      if (Number(hint.dataset.hint) <= upTo) hint.hidden = false;
    }
  }

  /** The controls that the exercise sets; the others are at their default, and text is the lesson's. */
  #controls() {
    const form = /** @type {HTMLFormElement} */ (document.querySelector("seewire-playground form"));
    const controls = new Controls(form);
    const { defaults, texts } = controls;
    const fixed = controlsIn(this.dataset.controls ?? "", defaults);
    if (this.#answer) fixed[this.#answer.name] = this.#answer.value;
    const values = { ...defaults, ...texts, ...fixed };
    return { values: changed(values, defaults), typed: controls.typedOf(values) };
  }

  get #program() {
    const own = /** @type {Code | null} */ (this.querySelector("seewire-code"));
    const lent = /** @type {Code} */ (document.querySelector(`seewire-playground section[data-side="${this.#side}"] seewire-code`));
    return own ? own.value : lent.original;
  }

  get #code() {
    return /** @type {Code | null} */ (this.querySelector("seewire-code"));
  }

  get #side() {
    return this.dataset.side === "ws" ? "ws" : "sse";
  }

  get #lesson() {
    return document.body.dataset.lesson ?? "";
  }

  /** @returns {NodeListOf<HTMLDetailsElement>} */
  get #hints() {
    return this.querySelectorAll("details[data-hint]");
  }

  /** @param {string} name @returns {any} */
  #part(name) {
    return this.querySelector(`[data-part="${name}"]`);
  }
}

/**
 * The machines that a program runs on, as it seems. Their names don't tell them
 * which of them they are; a single one has no name.
 * @param {number} copies
 */
function machines(copies) {
  return Array.from({ length: copies }, () => (copies > 1 ? newCaptureID().slice(0, 9) : ""));
}

/** @param {number} ms */
function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * @param {string} action
 * @param {string} key of its words
 * @param {string} look
 * @param {() => void} pressed
 */
function button(action, key, look, pressed) {
  const made = document.createElement("button");
  made.type = "button";
  made.dataset.action = action;
  made.className = look;
  made.textContent = word(key);
  made.addEventListener("click", () => made.getAttribute("aria-disabled") !== "true" && pressed());
  return made;
}
