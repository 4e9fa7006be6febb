// @ts-check
// What is kept in this browser: a learner's code, choices and progress. It
// never leaves it. A browser that refuses to store (private windows, a full
// quota) loses the memory and nothing else.

const prefix = "seewire/";

/**
 * @param {string} key
 * @returns {any} what was written under the key, or undefined
 */
export function read(key) {
  try {
    const text = localStorage.getItem(prefix + key);
    return text === null ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * @param {string} key
 * @param {unknown} value anything JSON can hold
 */
export function write(key, value) {
  try {
    localStorage.setItem(prefix + key, JSON.stringify(value));
  } catch {
    // Refused or full: the page works on without a memory.
  }
}

/** @param {string} key */
export function remove(key) {
  try {
    localStorage.removeItem(prefix + key);
  } catch {
    // As above.
  }
}

/**
 * The keys that begin with start, without the prefix that marks them as ours.
 * @param {string} start
 */
export function keys(start) {
  try {
    return Object.keys(localStorage)
      .filter((key) => key.startsWith(prefix + start))
      .map((key) => key.slice(prefix.length));
  } catch {
    return [];
  }
}
