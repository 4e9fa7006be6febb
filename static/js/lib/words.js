// @ts-check
// The interface's words, in the language of the page. The page's own markup
// comes with its words in it; these are for what scripts add later.

/** @type {Record<string, string>} */
let words = {};

/**
 * Fetches the words of a language once, before any element needs one.
 * @param {string} address such as "/en/words.json"
 */
export async function loadWords(address) {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  words = await response.json();
}

/**
 * Fetches the words of a part of the site that most pages can do without.
 * @param {string} part what their keys begin with: "bytes"
 */
export async function addWords(part) {
  if (!document.body.dataset.words) return; // a page in one file has all words that it needs
  const address = `${document.body.dataset.words}?part=${part}`;
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  Object.assign(words, await response.json());
}

/**
 * Sets the words directly: for tests, which have no server.
 * @param {Record<string, string>} list
 */
export function setWords(list) {
  words = list;
}

/**
 * The words for a key, with {name} replaced by args.name. A key that has none
 * is shown as it is, so that what is missing can be seen and searched for.
 * @param {string} key
 * @param {Record<string, unknown>} [args]
 */
export function word(key, args = {}) {
  const text = words[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (placeholder, name) => (name in args ? String(args[name]) : placeholder));
}

/**
 * Whether there are words for a key.
 * @param {string} key
 */
export function hasWord(key) {
  return key in words;
}

/** A number of bytes in words. @param {number} count */
export function bytesIn(count) {
  return word(count === 1 ? "viewer.byte" : "viewer.bytes", { count });
}
