// @ts-check
import { running } from "../../lib/retry.js";
import { inView } from "../language/language.js";
import { patch } from "./patch.js";

/** What holds on to the page, or runs in it: it is not put in its own place. */
const lasting = "seewire-playground, seewire-exercise";

/** Where a page that is loaded again was, and what was typed into it. */
const placeKey = "seewire/edited";

/**
 * Shows an author's edits in a page that is open: what has changed takes the
 * place of what was there, and all else stays, with what was typed into it and
 * what is running in it.
 *
 * Usage: see the component `layout` of package view. It is there where the
 * content can be edited.
 */
export class Edits extends HTMLElement {
  /** @type {EventSource | undefined} */
  #stream;
  #edition = "";
  /** The page's address as it was opened; what is set on the page goes on to change it. */
  #address = location.pathname + location.search;
  /** What the server sent last: the page, before scripts added to it, and the words. */
  #before = fetchAll(this.#address);
  /** One edit after the other. */
  #shown = Promise.resolve();

  connectedCallback() {
    this.#edition = this.dataset.edition ?? "";
    restorePlace();
    this.#open();
    // The stream takes one of the six connections that a browser has for a host
    // over HTTP/1.1, and a run may need all of them.
    const follow = () => (document.querySelector(running) ? this.#close() : this.#open());
    new MutationObserver(follow).observe(document.body, { subtree: true, attributeFilter: ["data-state", "aria-disabled"] });
    addEventListener("pagehide", () => this.#close());
    addEventListener("pageshow", follow);
  }

  #open() {
    if (this.#stream) return;
    this.#stream = new EventSource(`/edits?since=${this.#edition}`);
    this.#stream.addEventListener("edit", (event) => {
      this.#edition = event.lastEventId;
      this.#shown = this.#shown.then(() => this.#show()).catch(() => loadAgain());
    });
  }

  #close() {
    this.#stream?.close();
    this.#stream = undefined;
  }

  async #show() {
    const [before, after] = [await this.#before, await fetchAll(this.#address)];
    this.#before = Promise.resolve({ ...after, main: /** @type {HTMLElement} */ (after.main.cloneNode(true)) });
    if (before.words !== after.words || holding(before.main) !== holding(after.main)) return loadAgain();
    document.title = after.title;
    patch(/** @type {HTMLElement} */ (document.querySelector("main")), before.main, after.main);
    // New commands are to have the ID that the page watches.
    const capture = document.querySelector('seewire-playground [data-part="capture"]')?.textContent;
    if (capture) document.dispatchEvent(new CustomEvent("seewire-capture", { detail: capture }));
  }
}

/**
 * The page as the server sends it now.
 * @param {string} address
 */
async function fetchAll(address) {
  const [page, words] = await Promise.all(
    [address, document.body.dataset.words ?? ""].map(async (one) => (await fetch(one)).text()),
  );
  const parse = (/** @type {string} */ text) => new DOMParser().parseFromString(text, "text/html");
  const sent = parse(page);
  return { title: sent.title, main: /** @type {HTMLElement} */ (sent.querySelector("main")), words };
}

/** @param {HTMLElement} main */
function holding(main) {
  return Array.from(main.querySelectorAll(lasting), (one) => one.outerHTML).join();
}

/** What can be typed into. @returns {NodeListOf<HTMLInputElement | HTMLTextAreaElement>} */
const fields = () => document.querySelectorAll("main :is(textarea, input:not([type=radio], [type=checkbox], [type=file]))");

function loadAgain() {
  const typed = Array.from(fields(), (field) => (field.value === field.defaultValue ? null : field.value));
  const anchor = inView();
  const place = anchor && { id: anchor.id, top: anchor.getBoundingClientRect().top };
  document.dispatchEvent(new Event("seewire-leave"));
  sessionStorage.setItem(placeKey, JSON.stringify({ path: location.pathname, place, typed }));
  location.reload();
}

function restorePlace() {
  const { path, place, typed } = JSON.parse(sessionStorage.getItem(placeKey) ?? "{}");
  sessionStorage.removeItem(placeKey);
  if (path !== location.pathname) return;
  for (const [i, field] of fields().entries()) {
    if (typeof typed[i] !== "string" || field.value === typed[i]) continue;
    field.value = typed[i];
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  const anchor = place && document.getElementById(place.id);
  if (anchor) keepPlace(anchor, place.top);
}

/**
 * Keeps an element where it was in the window while the page about it is still
 * coming, unless the reader moves on.
 * @param {HTMLElement} anchor
 * @param {number} top
 */
function keepPlace(anchor, top) {
  const adjust = () => scrollBy({ top: anchor.getBoundingClientRect().top - top, behavior: "instant" });
  const growing = new ResizeObserver(adjust);
  growing.observe(document.body);
  const stop = () => growing.disconnect();
  for (const moved of ["wheel", "pointerdown", "keydown", "touchstart"]) addEventListener(moved, stop, { once: true, passive: true });
  setTimeout(stop, 3000);
  // After what the browser itself does to come back to its place.
  requestAnimationFrame(() => requestAnimationFrame(adjust));
}
