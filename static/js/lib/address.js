// @ts-check
// Controls and addresses: the page's own, which carries the controls so that a
// set-up can be shared as a link, and those that a run connects to.

/**
 * The value of each control, by name, as it goes into an address.
 * @typedef {Record<string, string>} Values
 */

/**
 * The query with the controls in it: those at their default are left out, and
 * what else the query holds stays.
 * @param {string} search such as "?cut=3&other=1"
 * @param {Values} values
 * @param {Values} defaults
 * @returns {string} "" or "?" and the query
 */
export function withControls(search, values, defaults) {
  const query = new URLSearchParams(search);
  for (const [name, value] of Object.entries(values)) {
    if (value === defaults[name]) query.delete(name);
    else query.set(name, value);
  }
  const text = query.toString();
  return text && "?" + text;
}

/**
 * The values that a query gives to controls; what it does not name is absent.
 * @param {string} search
 * @param {Values} defaults
 * @returns {Values}
 */
export function controlsIn(search, defaults) {
  const query = new URLSearchParams(search);
  /** @type {Values} */
  const values = {};
  for (const name of Object.keys(defaults)) {
    const value = query.get(name);
    if (value !== null) values[name] = value;
  }
  return values;
}

/**
 * The address that one side of a run connects to.
 * @param {string} base the server, such as "http://localhost:8080"
 * @param {string} experiment
 * @param {'sse' | 'ws' | 'send' | 'poll' | 'visit'} side
 * @param {Values} values only what differs from the defaults makes it long
 * @param {string} capture
 * @param {string} [machine] where the program runs on several, as it seems
 */
export function runAddress(base, experiment, side, values, capture, machine) {
  const address = new URL(["/play", experiment, ...(machine ? [machine] : []), side].join("/"), base);
  if (side === "ws") address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  for (const [name, value] of Object.entries(values)) address.searchParams.set(name, value);
  address.searchParams.set("capture", capture);
  return address.href;
}

/**
 * Values without those at their default.
 * @param {Values} values
 * @param {Values} defaults
 * @returns {Values}
 */
export function changed(values, defaults) {
  return Object.fromEntries(Object.entries(values).filter(([name, value]) => value !== defaults[name]));
}

/**
 * A word for a shell: in single quotes, whatever is in it.
 * @param {string} text
 */
export function quoted(text) {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/**
 * An ID for a capture: 80 random bits, so that runs can't be found by
 * guessing. Letters and digits that are hard to confuse, in groups of four.
 */
export function newCaptureID() {
  const letters = "abcdefghjkmnpqrstuvwxyz023456789";
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const id = Array.from(bytes, (byte) => letters[byte % letters.length]).join("");
  return id.replace(/.{4}(?=.)/g, "$&-");
}
