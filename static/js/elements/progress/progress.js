// @ts-check
import { clear, isSolved, isStarted } from "../../lib/progress.js";
import { word } from "../../lib/words.js";

/**
 * The contents, with what this browser's learner has done.
 *
 * Usage: see the component `Contents` of package view.
 */
export class Progress extends HTMLElement {
  connectedCallback() {
    this.#clear.addEventListener("click", () => {
      clear();
      this.update();
      this.#summary.hidden = false;
      this.#summary.textContent = word("contents.cleared");
    });
    this.#summary.setAttribute("role", "status");
    this.update();
  }

  update() {
    let done = 0;
    let started = 0;
    const lessons = this.querySelectorAll("li[data-lesson]");
    for (const lesson of /** @type {NodeListOf<HTMLElement>} */ (lessons)) {
      const state = stateOf(lesson.dataset.lesson ?? "", lesson.dataset.exercises ?? "");
      lesson.dataset.state = state;
      if (state === "done") done++;
      if (state) started++;
      const mark = /** @type {HTMLElement} */ (lesson.querySelector("[data-part=state]"));
      mark.textContent = state && word(`contents.${state}`);
    }
    this.#summary.hidden = this.#clear.hidden = started === 0;
    this.#summary.textContent = word("contents.progress", { done, total: lessons.length });
  }

  get #summary() {
    return /** @type {HTMLElement} */ (this.querySelector("[data-part=summary]"));
  }

  get #clear() {
    return /** @type {HTMLElement} */ (this.querySelector("[data-action=clear]"));
  }
}

/**
 * @param {string} lesson
 * @param {string} exercises their IDs, with spaces between
 */
function stateOf(lesson, exercises) {
  const all = exercises.split(" ").filter(Boolean);
  if (all.length > 0 && all.every((exercise) => isSolved(lesson, exercise))) return "done";
  return isStarted(lesson) ? "started" : "";
}
