// @ts-check
// The teacher's secret. It comes in the fragment of the link, which no server is
// told, and leaves the address at once: the address may be on a wall.

import { parametersOf } from "../../lib/fragment.js";
import * as store from "../../lib/store.js";

/** @param {string} code */
const place = (code) => `class/teacher/${code}`;

/** @param {string} code @param {string} key */
export function keepSecret(code, key) {
  store.write(place(code), key);
}

/** The secret of a class; "" where this browser doesn't have it. @param {string} code */
export function secretOf(code) {
  const given = parametersOf(location.hash).get("k");
  if (given) {
    keepSecret(code, given);
    history.replaceState(history.state, "", location.pathname + location.search);
  }
  return given ?? store.read(place(code)) ?? "";
}

/** @param {string} code */
export function forgetSecret(code) {
  store.remove(place(code));
  store.remove(`class/lesson/${code}`);
}
