// @ts-check
// What is told of a run or a check is the key of its words, with the few arguments
// that are the same for all to whom the same happened: "reconnect.nobody-code-1006".

import { hasWord, word } from "../../lib/words.js";

/** What a key may be (the server holds to the same). */
const VALID = /^[a-z0-9_.-]{1,64}$/;

/**
 * @param {string} name such as "reconnect.nobody"
 * @param {Record<string, unknown>} args those that can't be in a key are left out
 */
export function keyOf(name, args) {
  let key = name;
  for (const [arg, value] of Object.entries(args)) {
    const longer = `${key}-${arg}-${value}`;
    if (VALID.test(longer) && !String(value).includes("-")) key = longer;
  }
  return key;
}

/**
 * @param {string} key
 * @returns {{name: string, args: Record<string, string>}}
 */
export function partsOf(key) {
  const [name, ...rest] = key.split("-");
  /** @type {Record<string, string>} */
  const args = {};
  for (let i = 0; i + 1 < rest.length; i += 2) args[rest[i]] = rest[i + 1];
  return { name, args };
}

/**
 * What a key says, without what differs from one person to the next; "" where there are no words for it: a member's page may send any.
 * @param {string} key
 * @param {string} [start] of the words' keys: "finding."
 */
export function sayKey(key, start = "") {
  const { name, args } = partsOf(key);
  const full = start + name;
  if (!VALID.test(key) || !hasWord(full)) return "";
  return word(full, args).replace(/\{\w+\}/g, "…").replace(/[;；][^;；]*…[^;；]*$/, "").replace(/[:：]\s*…$/, "");
}
