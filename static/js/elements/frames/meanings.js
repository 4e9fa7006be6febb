// @ts-check
// What each field and each violation means, in the language of the page: fetched when the first
// frame is looked at, because most of a lesson is read without.

import { element } from "../../lib/dom.js";

/** @typedef {{html: string}} Meaning  from the course's own files */

/** @type {Promise<Record<string, Meaning>>|undefined} */
let loading;

/** The meanings by field name, or "violation." and its code; without them the viewer still shows names and values. */
export function meanings() {
  loading ??= load();
  return loading;
}

async function load() {
  try {
    const response = await fetch(document.body.dataset.fields ?? "");
    return response.ok ? await response.json() : {};
  } catch {
    return {};
  }
}

/** @param {Meaning} meaning */
export function explanation(meaning) {
  const made = element("div", "field-meaning");
  made.innerHTML = meaning.html; // from the course's own files; it ends with a link to the section
  return made;
}
