// @ts-check
// An experiment's own modules: what finds something in its runs, what checks its
// exercise, what draws its picture. A page imports them by their address when it
// has something for them.

import { untilLoaded } from "./retry.js";
import { addWords } from "./words.js";

/** By address and words. @type {Map<string, Promise<any>>} */
const modules = new Map();

/**
 * Imports a module with the words that it uses, once.
 * @param {string} address
 * @param {string} part what the keys of its words begin with: "finding.six"
 */
export function moduleWithWords(address, part) {
  const key = `${address} ${part}`;
  let promise = modules.get(key);
  if (!promise) {
    promise = untilLoaded(async () => (await Promise.all([import(address), addWords(part)]))[0]);
    modules.set(key, promise);
  }
  return promise;
}
