// @ts-check
import { clear, isSolved, isStarted, lastStarted } from "../../lib/progress.js";
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
    const lessons = Array.from(/** @type {NodeListOf<HTMLElement>} */ (this.querySelectorAll("li[data-lesson]")));
    for (const lesson of lessons) {
      const state = stateOf(lesson.dataset.lesson ?? "", lesson.dataset.exercises ?? "");
      lesson.dataset.state = state;
      if (state === "done") done++;
      if (state) started++;
      const mark = /** @type {HTMLElement} */ (lesson.querySelector("[data-part=state]"));
      mark.textContent = state && word(`contents.${state}`);
    }
    this.#summary.hidden = this.#clear.hidden = started === 0;
    this.#summary.textContent = word("contents.progress", { done, total: lessons.length });
    this.#lead(lessons);
  }

  /**
   * Points the primary action at where the learner left off: the lesson worked
   * on last, or the one after it that is not solved. With all solved there is
   * nothing to lead to.
   * @param {HTMLElement[]} lessons
   */
  #lead(lessons) {
    const link = /** @type {HTMLAnchorElement | null} */ (this.querySelector("[data-part=next]"));
    if (!link) return;
    const last = Math.max(0, lessons.findIndex((lesson) => lesson.dataset.lesson === lastStarted()));
    const order = [...lessons.slice(last), ...lessons.slice(0, last)];
    const next = order.find((lesson) => lesson.dataset.state !== "done");
    link.hidden = !next;
    if (!next) return;
    link.href = /** @type {HTMLAnchorElement} */ (next.querySelector("a")).href;
    const n = next.querySelector(".number")?.textContent ?? "";
    const begun = lessons.some((lesson) => lesson.dataset.state);
    link.textContent = word(begun ? "contents.continue" : "contents.start", { n });
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
