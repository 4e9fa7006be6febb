// @ts-check
// What each lesson's exercise is judged by. They are fetched when somebody
// checks; a new exercise is a line here.

import { addWords } from "../lib/words.js";

/** @type {Record<string, () => Promise<{check: (evidence: import("./check.js").Evidence) => import("./check.js").Verdict}>>} */
const exercises = {
  choose: () => import("./choose.js"),
  "event-stream": () => import("./event-stream.js"),
  frames: () => import("./frames.js"),
  "in-between": () => import("./in-between.js"),
  measure: () => import("./measure.js"),
  many: () => import("./many.js"),
  "one-post": () => import("./one-post.js"),
  "one-way": () => import("./one-way.js"),
  pressure: () => import("./pressure.js"),
  reconnect: () => import("./reconnect.js"),
  silence: () => import("./silence.js"),
  strangers: () => import("./strangers.js"),
  six: () => import("./six.js"),
};

/**
 * What judges a lesson's exercise, once its words are there too.
 * @param {string} lesson its slug
 */
export async function exerciseOf(lesson) {
  const [module] = await Promise.all([exercises[lesson](), addWords(`exercise.${lesson}`)]);
  return module;
}
