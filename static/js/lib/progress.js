// @ts-check
// What a learner has done, by lesson. It stays in this browser.

import * as store from "./store.js";

/** @param {string} lesson its slug */
export function setStarted(lesson) {
  if (!lesson) return;
  store.write(`progress/${lesson}/started`, true);
  store.write("progress/last", lesson);
}

/** The lesson that was worked on last; empty before the first. */
export function lastStarted() {
  return String(store.read("progress/last") ?? "");
}

/** @param {string} lesson */
export function isStarted(lesson) {
  return store.keys(`progress/${lesson}/`).length > 0;
}

/**
 * @param {string} lesson
 * @param {string} exercise
 */
export function setSolved(lesson, exercise) {
  store.write(`progress/${lesson}/solved/${exercise}`, true);
}

/**
 * @param {string} lesson
 * @param {string} exercise
 */
export function isSolved(lesson, exercise) {
  return store.read(`progress/${lesson}/solved/${exercise}`) === true;
}

/** Forgets all progress, all answers and what runs have shown; a learner's programs stay. */
export function clear() {
  for (const start of ["progress/", "predict/", "guide/", "own/"]) {
    for (const key of store.keys(start)) store.remove(key);
  }
}
