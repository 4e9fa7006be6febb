// @ts-check
// What the findings of a learner's own runs have said, the newest of each kind.
// It stays in this browser, and the last lesson holds the claims against it.

import * as store from "./store.js";

/** @typedef {{word: string, args?: Record<string, string | number>, at: number}} Kept */

/**
 * @param {string} experiment
 * @param {number} at when the run began, in epoch milliseconds
 * @param {{word: string, args?: Record<string, string | number>}[]} findings
 */
export function keepFindings(experiment, at, findings) {
  if (findings.length === 0) return;
  const kept = store.read(`own/${experiment}`) ?? {};
  // Of several that say the same of one run the first is kept.
  for (const { word, args } of [...findings].reverse()) kept[word] = { word, args, at };
  store.write(`own/${experiment}`, kept);
}

/**
 * What a finding said last, if it ever did.
 * @param {string} name without "finding.": "reconnect.gap"
 * @returns {Kept | undefined}
 */
export function keptFinding(name) {
  return store.read(`own/${name.split(".")[0]}`)?.[`finding.${name}`];
}
