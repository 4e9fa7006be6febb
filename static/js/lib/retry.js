// @ts-check
// Fetching parts of the site that a page needs later: a module, its words. The
// network may fail just then. Nothing that failed is kept: it is tried again at
// once, and then when the reader asks for it or the browser is online again.

/** Before the second try, in ms. */
const PAUSE = 1000;

/** For so long after a page has been loaded again by itself, in ms, it is not once more. */
const RELOADED = 60_000;

/** When that was. */
const reloadedKey = "seewire/reloaded";

/** What runs in a page: a playground, an exercise that is being checked. */
export const running = '[data-state="starting"], [data-state="running"], [data-action="check"][aria-disabled="true"]';

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

/**
 * Says on the page that something is missing, and waits for the button. A page that
 * is older than the server's files finds them no more: it is loaded again, by itself
 * where nothing is lost.
 */
async function askToRetry() {
  const outdated = await isOutdated();
  if (outdated && (await canBeLoadedAgain())) {
    sessionStorage.setItem(reloadedKey, String(Date.now()));
    location.reload();
    return new Promise(() => {});
  }
  const notice = /** @type {HTMLElement} */ (document.querySelector(`[data-part="${outdated ? "outdated" : "load-failed"}"]`));
  const button = /** @type {HTMLElement} */ (notice.querySelector("button"));
  notice.hidden = false;
  await new Promise((resolve) => {
    button.addEventListener("click", resolve, { once: true });
    addEventListener("online", resolve, { once: true });
  });
  if (notice.dataset.part === "outdated") location.reload();
  notice.hidden = true;
  asked = undefined;
}

/**
 * Waits until nothing runs, and asks all who hold something whether it is kept. A page
 * that was loaded again just now gets its parts from servers that are not the same.
 */
async function canBeLoadedAgain() {
  if (Date.now() - Number(sessionStorage.getItem(reloadedKey)) < RELOADED) return false;
  while (document.querySelector(running)) {
    await new Promise((resolve) => {
      const observer = new MutationObserver(() => (observer.disconnect(), resolve(undefined)));
      observer.observe(document.body, { subtree: true, attributeFilter: ["data-state", "aria-disabled"] });
    });
  }
  return document.dispatchEvent(new Event("seewire-leave", { cancelable: true }));
}

/** Whether the server answers with other scripts than those of this page. */
async function isOutdated() {
  const script = document.querySelector("script[type=module]")?.getAttribute("src") ?? "";
  const page = await fetch(location.href).then((response) => response.text(), () => script);
  return !page.includes(script);
}
