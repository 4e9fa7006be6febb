// @ts-check
// An experiment's own modules: what finds something in its runs, what checks its
// exercise, what draws its picture. A page imports them by their address when it
// has something for them.

import { addWords } from "./words.js";

/**
 * Imports a module with the words that it uses.
 * @param {string} address
 * @param {string} part what the keys of its words begin with: "finding.six"
 */
export async function moduleWithWords(address, part) {
  const [module] = await Promise.all([import(address), addWords(part)]);
  return module;
}
