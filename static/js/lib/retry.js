// @ts-check
// Fetching parts of the site that a page needs later: a module, its words. The
// network may fail just then. Nothing that failed is kept: it is tried again at
// once, and then when the reader asks for it or the browser is online again.

import { element } from "./dom.js";
import { word } from "./words.js";

/** Before the second try, in ms. */
const PAUSE = 1000;

/** While something is missing: fulfilled when it is to be tried again. @type {Promise<void> | undefined} */
let asked;

/**
 * Loads something, however many tries it takes.
 * @template T
 * @param {() => Promise<T>} load
 * @returns {Promise<T>}
 */
export async function untilLoaded(load) {
  for (let tries = 1; ; tries++) {
    try {
      return await load();
    } catch (error) {
      console.warn("a part of the page could not be loaded:", error);
      if (tries === 1) await new Promise((resolve) => setTimeout(resolve, PAUSE));
      else await (asked ??= askToRetry());
    }
  }
}

/** Says on the page that something is missing, and waits for the button. */
async function askToRetry() {
  const notice = element("div", "load-failed");
  notice.setAttribute("role", "alert");
  const button = element("button", "button small", word("load.again"));
  notice.append(element("span", "", word("load.failed")), button);
  document.body.append(notice);
  await new Promise((resolve) => {
    button.addEventListener("click", resolve, { once: true });
    addEventListener("online", resolve, { once: true });
  });
  notice.remove();
  asked = undefined;
}
