// @ts-check
// The interface's words, in the language of the page. The page's own markup
// comes with its words in it; these are for what scripts add later.

/** @type {Record<string, string>} */
let words = {};

/** Those of the words' language. */
let plurals = new Intl.PluralRules();

/** Fetches the words of the page, before any element needs one. */
export async function loadWords() {
  setWords(await fetched(new URL(document.body.dataset.words ?? "", location.href)));
}

/**
 * Fetches the words of a part of the site that most pages can do without.
 * @param {string} part what their keys begin with: "bytes"
 */
export async function addWords(part) {
  if (!document.body.dataset.words) return; // a page in one file has all words that it needs
  if (Object.keys(words).some((key) => key.startsWith(`${part}.`))) return; // or a lesson those of its experiment
  const address = new URL(document.body.dataset.words, location.href);
  address.search = `part=${part}`;
  Object.assign(words, await fetched(address));
}

/** @param {URL} address @returns {Promise<Record<string, string>>} */
async function fetched(address) {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address.pathname}: ${response.status}`);
  return response.json();
}

/**
 * Sets the words directly: for what has no server.
 * @param {Record<string, string>} list
 */
export function setWords(list) {
  words = list;
  plurals = new Intl.PluralRules(list["language.tag"]);
}

/**
 * The words for a key, with {name} replaced by args.name, and
 * {name|one:event|other:events} by the form that goes with that number. A key that
 * has none is shown as it is, so that what is missing can be seen and searched for.
 * lessons/words.go does the same.
 * @param {string} key
 * @param {Record<string, unknown>} [args]
 */
export function word(key, args = {}) {
  const text = words[key] ?? key;
  return text.replace(/\{(\w+)((?:\|\w+:[^|{}]*)*)\}/g, (placeholder, name, forms) => {
    if (!(name in args)) return placeholder;
    return forms ? formOf(forms, Number(args[name])) : String(args[name]);
  });
}

/** @param {string} forms "|one:event|other:events" @param {number} number */
function formOf(forms, number) {
  const of = (/** @type {string} */ name) => new RegExp(`\\|${name}:([^|]*)`).exec(forms)?.[1];
  return of(plurals.select(number)) ?? of("other") ?? "";
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
  return word("viewer.bytes", { count });
}
