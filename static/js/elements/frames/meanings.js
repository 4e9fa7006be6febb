// @ts-check
// What each field means, in the language of the page: fetched when the first
// frame is looked at, because most of a lesson is read without.

/** @typedef {{html: string}} Meaning  from the course's own files */

/** @type {Promise<Record<string, Meaning>>|undefined} */
let loading;

/** The meanings by field name; without them the viewer still shows names and values. */
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
