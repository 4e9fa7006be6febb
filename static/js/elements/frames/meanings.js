// @ts-check
// What each field and each violation means, in the language of the page: fetched when the first
// frame is looked at, because most of a lesson is read without, and a protocol at a time.

import { element } from "../../lib/dom.js";

/** @typedef {{html: string, lang?: string}} Meaning  from the course's own files; lang where it is not the page's */

/** What is known so far, by field name, or "violation." and its code. @type {Record<string, Meaning>} */
export const meanings = {};

/** What was asked for: "http", "violation". What could not be fetched is asked for again. @type {Set<string>} */
const asked = new Set();

/** Whether all meanings there are have been set. */
let complete = false;

/** Sets all meanings there are, for a page that can fetch none. @param {Record<string, Meaning>} list */
export function setMeanings(list) {
  Object.assign(meanings, list);
  complete = true;
}

/**
 * Fetches the meanings of names that were not fetched yet. Without them the
 * viewer still shows names and values.
 * @param {string[]} names
 * @returns {Promise<boolean>} whether there is something new
 */
export async function learn(names) {
  if (complete) return false;
  const parts = [...new Set(names.map((name) => name.split(".")[0]))].filter((part) => !asked.has(part));
  const learned = await Promise.all(parts.map(fetchPart));
  return learned.some((one) => one);
}

/** @param {string} part */
async function fetchPart(part) {
  asked.add(part);
  try {
    const response = await fetch(`${document.body.dataset.fields}?part=${part}`);
    if (!response.ok) throw new Error(`the meanings of ${part}: ${response.status}`);
    Object.assign(meanings, await response.json());
    return true;
  } catch {
    asked.delete(part);
    return false;
  }
}

/** Those that were shown: to copy one is faster than to parse it once more. @type {WeakMap<Meaning, HTMLElement>} */
const made = new WeakMap();

/** @param {Meaning} meaning */
export function explanation(meaning) {
  let shown = made.get(meaning);
  if (!shown) {
    shown = element("div", "field-meaning");
    if (meaning.lang) shown.lang = meaning.lang;
    shown.innerHTML = meaning.html; // from the course's own files; it ends with a link to the section
    made.set(meaning, shown);
  }
  return /** @type {HTMLElement} */ (shown.cloneNode(true));
}
