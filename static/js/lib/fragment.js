// @ts-check
// What a page's address says behind the "#" beside a place in the text: the
// frame and the field that are looked at, and bytes that are small enough.
// "#frame=2.server.129&field=0.sse.id"; "#look" is a heading and none of these.

/** @param {string} hash */
export function parametersOf(hash) {
  return new URLSearchParams(hash.includes("=") ? hash.slice(1) : "");
}

/**
 * The fragment with some parameters set, and those that are undefined left out.
 * @param {string} hash
 * @param {Record<string, string|undefined>} changes
 */
export function withParameters(hash, changes) {
  const parameters = parametersOf(hash);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) parameters.delete(name);
    else parameters.set(name, value);
  }
  return `#${parameters}`;
}

/** Bytes as they go into an address (RFC 4648 §5). @param {Uint8Array} bytes */
export function encodeBytes(bytes) {
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** @param {string} text @returns {Uint8Array|undefined} nothing where it is not base64 */
export function decodeBytes(text) {
  try {
    const raw = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    return Uint8Array.from(raw, (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}
