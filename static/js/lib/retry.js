// @ts-check
// Fetching parts of the site that a page needs later: a module, its words. The
// network may fail just then. Nothing that failed is kept: it is tried again at
// once, and then when the reader asks for it or the browser is online again.

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

/**
 * Says on the page that something is missing, and waits for the button. A page that
 * is older than the server's files finds them no more: it offers to be loaded again.
 */
async function askToRetry() {
  const notice = /** @type {HTMLElement} */ (document.querySelector(`[data-part="${(await isOutdated()) ? "outdated" : "load-failed"}"]`));
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

/** Whether the server answers with other scripts than those of this page. */
async function isOutdated() {
  const script = document.querySelector("script[type=module]")?.getAttribute("src") ?? "";
  const page = await fetch(location.href).then((response) => response.text(), () => script);
  return !page.includes(script);
}
