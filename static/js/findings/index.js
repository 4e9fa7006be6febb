// @ts-check
// What the timeline says of each experiment's runs. They are fetched when a
// run has something to say; a new experiment is a line here.

import { addWords } from "../lib/words.js";

/** @typedef {{findings: (run: import("./finding.js").Run) => import("./finding.js").Finding[]}} Module */

/** @type {Record<string, () => Promise<Module>>} */
const modules = {
  chat: () => import("./chat.js"),
  choose: () => import("./choose.js"),
  echo: () => import("./echo.js"),
  framing: () => import("./framing.js"),
  many: () => import("./many.js"),
  measure: () => import("./measure.js"),
  oneway: () => import("./oneway.js"),
  proxy: () => import("./proxy.js"),
  pressure: () => import("./pressure.js"),
  reconnect: () => import("./reconnect.js"),
  silence: () => import("./silence.js"),
  strangers: () => import("./strangers.js"),
  six: () => import("./six.js"),
};

/**
 * What finds them in a run of an experiment, once its words are there too.
 * @param {string} experiment
 * @returns {Promise<Module["findings"]>}
 */
export async function findingsOf(experiment) {
  const [module] = await Promise.all([modules[experiment]?.(), addWords(`finding.${experiment}`)]);
  return module?.findings ?? (() => []);
}
