// @ts-check
import { changed, controlsIn } from "../../lib/address.js";
import { moduleWithWords } from "../../lib/experiment.js";
import { experimentRun } from "../../lib/experimentrun.js";
import { define } from "../../lib/lazy.js";
import { isSolved, setSolved } from "../../lib/progress.js";
import { Runner } from "../../lib/runner.js";
import { word } from "../../lib/words.js";
import { Controls } from "../playground/controls.js";
import { Log } from "../playground/log.js";

/**
 * @typedef {import("../../lib/sandbox.js").Report} Report
 * @typedef {import("../code/code.js").Code} Code
 * @typedef {{passed: boolean, checks: {ok: boolean, word: string, args?: Record<string, unknown>}[], hint?: number}} Verdict
 */

/** The longest time that a check may run. */
const longestCheck = 60_000; // ms

/** A check that passes must still pass after this: something may come twice. */
const settling = 1000; // ms

/**
 * A task that is checked on what happened: the bytes on the wire, and what the
 * learner's program reported.
 *
 * Usage: see the component `exercise` of package view. What is right, the
 * experiment's exercise/check.js says.
 */
export class Exercise extends HTMLElement {
  #runner = new Runner(this, word("playground.sandbox"));
  #run = button("check", "exercise.check", "button primary", () => this.check());
  #stop = button("stop", "playground.stop", "button", () => this.stop());
  #log = document.createElement("div");
  #lines = new Log(this.#log, (report) => this.#code?.focusAt(report.line, report.column));
  #evidence = document.createElement("details");
  /** What a program connects with, where the exercise has none of its own. @type {HTMLTextAreaElement | undefined} */
  #answer;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #passing;
  /** Whether the last run has been judged, and did not pass. */
  #failed = false;
  #ready = false;

  connectedCallback() {
    if (this.#ready) return;
    this.#ready = true;
    this.#part("no-script").remove();
    this.#makeProgram();
    this.#makeLog();
    this.#part("actions").append(this.#run, this.#stop);
    this.#part("actions").hidden = false;
    this.#makeEvidence();
    for (const hint of this.#hints) {
      hint.hidden = hint.dataset.hint !== "1";
      hint.addEventListener("toggle", () => hint.open && this.#showHints(Number(hint.dataset.hint) + 1));
    }

    this.#runner.addEventListener("reports", (event) => {
      const { reports, dropped } = /** @type {CustomEvent} */ (event).detail;
      this.#lines.add(reports, dropped);
      const thrown = reports.find((/** @type {Report} */ report) => report.kind === "throw");
      if (thrown?.line) this.#code?.mark(thrown.line);
      this.#look();
    });
    this.#runner.addEventListener("state", () => this.#sayState());
    this.#sayState();
    if (isSolved(this.#lesson, this.id)) this.#solved();
  }

  /** Runs the program and judges what comes of it. */
  async check() {
    const { values, typed } = this.#controls();
    clearTimeout(this.#passing);
    this.#passing = undefined;
    this.#code?.mark(0);
    this.#part("result").replaceChildren();
    const { programs, wishes } = experimentRun({
      experiment: this.dataset.experiment ?? "",
      server: location.origin,
      values,
      controls: typed,
      programs: [{ side: this.#side, code: this.#program }],
    });
    await this.#runner.run(programs, { ...wishes, longest: longestCheck });
  }

  stop() {
    this.#runner.stop();
  }

  // --- the run ---

  #sayState() {
    const { state, reason, started, capture } = this.#runner;
    const busy = state === "starting" || state === "running";
    this.#stop.hidden = !busy;
    this.#run.textContent = word(busy ? "exercise.checking" : "exercise.check");
    this.#run.setAttribute("aria-disabled", String(busy));
    if (state === "starting") {
      this.#failed = false;
      this.#lines.clear(0);
      capture.addEventListener("change", () => this.#look());
    }
    if (state === "running") {
      this.#lines.clear(started);
      this.#showEvidence();
    }
    if (state !== "ended") return;
    if (["gone", "full", "frame"].includes(reason)) this.#say(word(`playground.status.${reason}`));
    else this.#judge();
  }

  /**
   * Stops a program that goes on for ever once its check passes and stays passed,
   * and judges again what the feed brings after the end.
   */
  async #look() {
    if (this.#runner.state === "ended" && this.#failed) this.#judge();
    if (this.#runner.state !== "running" || this.#passing) return;
    if (!(await this.#verdict()).passed) return;
    this.#passing ??= setTimeout(async () => {
      this.#passing = undefined;
      if (this.#runner.state === "running" && (await this.#verdict()).passed) this.#runner.stop();
    }, settling);
  }

  async #verdict() {
    const { check } = await moduleWithWords(this.dataset.check ?? "", `exercise.${this.dataset.experiment}`);
    const { capture, reports } = this.#runner;
    return check({ capture, reports, controls: this.#controls().typed });
  }

  async #judge() {
    const { passed, checks, hint } = await this.#verdict();
    if (this.#runner.state !== "ended") return; // another run has begun
    this.#failed = !passed;
    const list = document.createElement("ul");
    list.className = "checks";
    for (const { ok, word: key, args } of checks) {
      const item = document.createElement("li");
      item.dataset.ok = String(ok);
      const mark = document.createElement("span");
      mark.className = "mark";
      mark.setAttribute("role", "img");
      mark.setAttribute("aria-label", word(ok ? "exercise.ok" : "exercise.not_ok"));
      mark.textContent = ok ? "✓" : "✗";
      const text = document.createElement("span");
      text.textContent = word(key, args);
      item.append(mark, text);
      list.append(item);
    }
    this.#say(word(passed ? "exercise.passed" : "exercise.failed"));
    this.#part("result").append(list);
    if (passed) {
      setSolved(this.#lesson, this.id);
      this.#solved();
    } else {
      this.#showHints(hint ?? 1);
    }
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
    this.#log.setAttribute("aria-label", word(`playground.log.${this.#side}`));
    this.#part("result").before(this.#log);
  }

  #makeEvidence() {
    const summary = document.createElement("summary");
    summary.textContent = word("exercise.evidence");
    this.#evidence.append(summary, document.createElement("seewire-frames"));
    this.#evidence.hidden = true;
    this.#part("result").after(this.#evidence);
  }

  async #showEvidence() {
    await define("seewire-frames");
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
