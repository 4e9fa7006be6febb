// @ts-check
// Elements that are fetched when they come near, or when a run has something to
// show in them: a lesson can be read before.

import { untilLoaded } from "./retry.js";

/** What fetches each element, by its name. @type {Map<string, () => Promise<CustomElementConstructor>>} */
const loaders = new Map();

/** @type {Map<string, Promise<void>>} */
const defined = new Map();

/**
 * Registers an element that is not fetched yet.
 * @param {string} name
 * @param {() => Promise<CustomElementConstructor>} load
 */
export function register(name, load) {
  loaders.set(name, load);
}

/**
 * Fetches an element, once; its methods can be called when this is fulfilled.
 * @param {string} name
 */
export function define(name) {
  const load = loaders.get(name);
  if (!load) throw new Error(`no element has the name ${name}`);
  let promise = defined.get(name);
  if (!promise) defined.set(name, (promise = untilLoaded(load).then((type) => customElements.define(name, type))));
  return promise;
}

/** Fetches each registered element when it is about to be seen. */
export function defineWhenNear() {
  const near = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (!isIntersecting) continue;
        near.unobserve(target);
        define(target.localName);
      }
    },
    { rootMargin: "300px" },
  );
  for (const element of document.querySelectorAll([...loaders.keys()].join())) near.observe(element);
}
