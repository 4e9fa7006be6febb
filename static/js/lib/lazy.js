// @ts-check
// The timeline and the frames are the larger part of the site's scripts. They
// are fetched when they come near, or when a run has something to show in them:
// a lesson can be read before.

import { moduleWithWords } from "./experiment.js";
import { addWords } from "./words.js";

/** @type {Record<string, () => Promise<CustomElementConstructor>>} */
const elements = {
  "seewire-bytes": async () => {
    await addWords("bytes");
    return (await import("../elements/bytes/bytes.js")).Bytes;
  },
  "seewire-edits": async () => (await import("../elements/edits/edits.js")).Edits,
  "seewire-guide": async () => {
    await addWords("guide");
    return (await import("../elements/guide/guide.js")).Guide;
  },
  "seewire-claim-evidence": async () => {
    await addWords("claim");
    return (await import("../elements/claimevidence/claimevidence.js")).ClaimEvidence;
  },
  "seewire-frames": async () => (await import("../elements/frames/frames.js")).SeewireFrames,
  "seewire-reachability": async () => (await import("../elements/reachability/reachability.js")).Reachability,
  "seewire-picture": async () => {
    const { module = "", words = "" } = /** @type {HTMLElement} */ (document.querySelector("seewire-picture")).dataset;
    return (await moduleWithWords(module, words)).Picture;
  },
  "seewire-tabs": async () => (await import("../elements/tabs/tabs.js")).Tabs,
  "seewire-timeline": async () => (await import("../elements/timeline/timeline.js")).SeewireTimeline,
};

/** @type {Map<string, Promise<void>>} */
const fetched = new Map();

/**
 * Fetches an element, once; it can be spoken to when this is fulfilled.
 * @param {string} name
 */
export async function define(name) {
  if (!fetched.has(name)) fetched.set(name, elements[name]().then((type) => customElements.define(name, type)));
  await fetched.get(name);
}

/** Fetches each element when it is about to be seen. */
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
  for (const element of document.querySelectorAll(Object.keys(elements).join())) near.observe(element);
}
