// @ts-check
// The course as the pages of a class know it.

import { addWords } from "../../lib/words.js";

/**
 * @typedef {{id: string, text: string, short: string}} Step
 * @typedef {{id: string, text: string, options: string[], answer: number}} Question
 * @typedef {{name: string, label: string, kind: string, initial: string, default: string, min: number, max: number, unit: string, choices: {value: string, label: string}[] | null}} Control
 * @typedef {{slug: string, number: number, question: string, experiment: string, steps: Step[], predictions: Question[] | null, exercises: {id: string, hints: number}[] | null, controls: Control[] | null}} Lesson
 */

/** @type {Promise<Lesson[]> | undefined} */
let lessons;

/** @type {Map<string, Promise<void[]>>} */
const words = new Map();

/** @returns {Promise<Lesson[]>} */
export function course() {
  lessons ??= fetch(`/${document.body.dataset.lang}/class/course.json`).then((response) => {
    if (!response.ok) throw new Error(`course.json: ${response.status}`);
    return response.json();
  });
  lessons.catch(() => (lessons = undefined));
  return lessons;
}

/**
 * Fetches the words for what happens in an experiment, once.
 * @param {string} experiment
 */
export function wordsOf(experiment) {
  if (!experiment) return Promise.resolve([]);
  let promise = words.get(experiment);
  if (!promise) {
    promise = Promise.all([addWords(`finding.${experiment}`), addWords(`exercise.${experiment}`)]);
    promise.catch(() => words.delete(experiment));
    words.set(experiment, promise);
  }
  return promise;
}
