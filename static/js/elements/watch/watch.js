// @ts-check
import { exports } from "./formats.js";
import { Line } from "./line.js";
import { One } from "./one.js";
import { aboutRow, clock, inOrder, matches, sizeOf, troubleOf } from "./rows.js";
import { element } from "../../lib/dom.js";
import { parametersOf, withParameters } from "../../lib/fragment.js";
import * as store from "../../lib/store.js";
import { Throttle } from "../../lib/throttle.js";
import { word } from "../../lib/words.js";

/** @typedef {import("./rows.js").Row} Row */

/** Rows that are made at a time: thousands would take too long. */
const PAGE = 200;
/** How often the list takes in what is new, in ms. */
const DRAW_EVERY = 200;
/** After this long at a text, in ms, it is searched for in what is kept. */
const SEARCH_AFTER = 300;

const KINDS = /** @type {const} */ (["all", "sse", "ws", "trouble"]);

/**
 * What `seewire watch` sees: a list of exchanges, and the one that is chosen.
 *
 * The key is in the fragment of the address that the program has printed, and then
 * kept for this origin.
 *
 * Usage: see the component `Watch` of package view.
 */
export class Watch extends HTMLElement {
  /** @type {Line} */
  #line = /** @type {any} */ (undefined);
  #one = new One();
  /** @type {import("./rows.js").Search} */
  #search = { text: "", kind: "all" };
  #chosen = "";
  #shown = PAGE;
  /** The rows that stood in the list when the pointer came: new ones wait until it goes. @type {Set<string>|undefined} */
  #still;
  /** What is in the document of each row. @type {Map<string, HTMLElement>} */
  #made = new Map();
  #input = /** @type {HTMLInputElement} */ (element("input", "watch-search"));
  #filters = element("div", "watch-filters");
  #rows = element("div", "watch-rows");
  #new = element("button", "watch-new");
  #throttle = new Throttle(() => this.#draw(), DRAW_EVERY);
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #searching;

  connectedCallback() {
    // The address of a program that was started anew, in the same tab.
    addEventListener("hashchange", () => parametersOf(location.hash).has("key") && location.reload());
    // A program that was started anew has nothing of what is shown.
    document.addEventListener("seewire-leave", (event) => event.preventDefault());
    const given = parametersOf(location.hash).get("key");
    if (given) {
      store.write("watch", given);
      history.replaceState(history.state, "", location.pathname + location.search + withParameters(location.hash, { key: undefined }));
    }
    const key = given ?? store.read("watch");
    if (!key) return this.#refuse();
    this.#build();
    this.#line = new Line(key);
    this.#line.addEventListener("news", () => this.#throttle.schedule());
    this.#line.addEventListener("state", () => this.#sayState());
    setInterval(() => this.#throttle.schedule(), 1000); // what is open grows older
  }

  /** @param {string} name @returns {HTMLElement} */
  #part(name) {
    return /** @type {HTMLElement} */ (this.querySelector(`[data-part="${name}"]`));
  }

  #refuse() {
    this.#part("no-key").hidden = false;
    this.toggleAttribute("refused", true);
  }

  #build() {
    this.#input.type = "search";
    this.#input.placeholder = word("watch.search");
    this.#input.setAttribute("aria-label", word("watch.search"));
    this.#input.addEventListener("input", () => this.#searchFor(this.#input.value));
    this.#filters.setAttribute("role", "group");
    this.#filters.setAttribute("aria-label", word("watch.filter"));
    for (const kind of KINDS) {
      const button = element("button", "watch-filter");
      button.dataset.kind = kind;
      if (kind === "sse" || kind === "ws") button.dataset.side = kind;
      button.addEventListener("click", () => {
        this.#search.kind = kind;
        this.#shown = PAGE;
        this.#letIn();
      });
      this.#filters.append(button);
    }
    this.#new.hidden = true;
    this.#new.addEventListener("click", () => this.#letIn());
    this.#rows.addEventListener("pointerenter", () => (this.#still = new Set(this.#made.keys())));
    this.#rows.addEventListener("pointerleave", () => this.#letIn());
    this.#rows.addEventListener("click", (event) => this.#clicked(/** @type {Element} */ (event.target)));
    this.#rows.addEventListener("keydown", (event) => this.#keydown(/** @type {KeyboardEvent} */ (event)));
    this.#part("list").append(this.#input, this.#filters, this.#new, this.#rows);
    this.#part("one").append(this.#one.element);
    this.#one.element.addEventListener("back", () => this.#choose(""));
    this.#part("export-all").append(exports((format) => this.#exportAll(format), "watch.export.all"));
  }

  #letIn() {
    this.#still = undefined;
    this.#draw();
  }

  #sayState() {
    const { state } = this.#line;
    if (state === "refused") return this.#refuse();
    this.#part("state").textContent = state === "lost" ? word("watch.lost") : state === "over" ? word("watch.over") : "";
  }

  /** @param {string} text */
  #searchFor(text) {
    this.#search.text = text.trim();
    this.#search.found = undefined;
    this.#shown = PAGE;
    this.#letIn();
    clearTimeout(this.#searching);
    if (!this.#search.text) return;
    this.#searching = setTimeout(async () => {
      const asked = this.#search.text;
      const found = await this.#line.search(asked);
      if (asked !== this.#search.text) return;
      this.#search.found = found;
      this.#draw();
    }, SEARCH_AFTER);
  }

  /** @param {string} format */
  async #exportAll(format) {
    location.assign(`/watch/all/${await this.#line.ticket()}/seewire-watch.${format}`);
  }

  // The list

  #draw() {
    const line = this.#line;
    const all = [...line.rows.values()];
    const count = (/** @type {(row: Row) => boolean} */ is) => all.filter(is).length;
    const counts = { all: all.length, sse: count((row) => row.kind === "sse"), ws: count((row) => row.kind === "ws"), trouble: count((row) => Boolean(row.notices?.length)) };
    for (const button of /** @type {Iterable<HTMLElement>} */ (this.#filters.children)) {
      const kind = /** @type {typeof KINDS[number]} */ (button.dataset.kind);
      button.textContent = `${word(`watch.filter.${kind}`)} ${counts[kind]}`;
      button.setAttribute("aria-pressed", String(kind === this.#search.kind));
    }
    this.#sayHeld();

    let rows = all.filter((row) => matches(row, this.#search)).sort(inOrder);
    const still = this.#still;
    const waiting = still ? rows.filter(({ id }) => !still.has(id)).length : 0;
    if (still) rows = [...this.#made.keys()].map((id) => line.rows.get(id)).filter((row) => row !== undefined);
    this.#new.hidden = waiting === 0;
    this.#new.textContent = word("watch.new", { count: waiting });
    this.#drawRows(rows, all.length);
    const chosen = line.rows.get(this.#chosen);
    if (!this.#chosen && rows.length > 0 && matchMedia("(min-width: 60rem)").matches) this.#choose(rows[0].id);
    else this.#one.show(chosen, line);
  }

  #sayHeld() {
    const { total, letGo, held, about, offset } = this.#line;
    if (!about) return;
    const parts = [
      clock(Date.now() + offset - Date.parse(about.began)),
      word("watch.exchanges", { count: total.toLocaleString() }),
      word("watch.held", { held: sizeOf(held) }),
    ];
    if (letGo > 0) parts.push(word("watch.let_go", { count: letGo.toLocaleString() }));
    this.#part("held").textContent = parts.join(" · ");
  }

  /** @param {Row[]} rows @param {number} all how many there are */
  #drawRows(rows, all) {
    /** @type {HTMLElement[]} */
    const children = [];
    const made = new Map();
    let group = "";
    for (const row of rows.slice(0, this.#shown)) {
      const is = row.open ? "watch.open" : "watch.ended";
      if (is !== group && !this.#still) {
        children.push(element("h2", "watch-group", word(is)));
        group = is;
      }
      const button = this.#made.get(row.id) ?? element("button", "watch-row");
      button.dataset.id = row.id;
      this.#fill(button, row);
      made.set(row.id, button);
      children.push(button);
    }
    this.#made = made;
    if (rows.length > this.#shown) {
      const more = element("button", "watch-more", word("watch.more"));
      more.dataset.action = "more";
      children.push(more);
    }
    if (all === 0) children.push(this.#tries());
    else if (rows.length === 0) children.push(element("p", "watch-none", word("watch.no_match")));
    // What stands where it stood keeps the focus and the pointer.
    children.forEach((child, i) => {
      const there = this.#rows.children[i];
      if (there === child) return;
      this.#rows.insertBefore(child, there ?? null);
    });
    while (this.#rows.children.length > children.length) this.#rows.lastChild?.remove();
  }

  /** What to try when there is nothing yet. */
  #tries() {
    const about = element("div", "watch-none");
    const base = `http://${this.dataset.listens}`;
    about.append(element("p", "", word("watch.nothing")), element("code", "", `curl -N ${base}/`), element("p", "", word("watch.nothing.base")), element("code", "", base));
    return about;
  }

  /** @param {HTMLElement} button @param {Row} row */
  #fill(button, row) {
    const trouble = troubleOf(row);
    const time = row.open ? clock(Date.now() + this.#line.offset - Date.parse(row.began)) : new Date(row.began).toLocaleTimeString();
    const text = JSON.stringify([row.method, row.target, time, aboutRow(row), trouble, row.open, row.kind, row.id === this.#chosen]);
    if (button.dataset.text === text) return;
    button.dataset.text = text;
    button.dataset.side = row.kind === "sse" || row.kind === "ws" ? row.kind : "";
    button.toggleAttribute("data-open", row.open);
    button.setAttribute("aria-current", String(row.id === this.#chosen));
    const target = element("span", "watch-target");
    target.append(element("span", "watch-method", row.method), ` ${row.target}`);
    const about = element("span", "watch-about", aboutRow(row));
    if (trouble) {
      if (about.textContent) about.append(" · ");
      about.append(element("span", "watch-trouble", `✕ ${trouble}`));
    }
    button.replaceChildren(element("span", "watch-mark"), target, element("span", "watch-time", time), about);
  }

  /** @param {Element} target */
  #clicked(target) {
    const button = /** @type {HTMLElement|null} */ (target.closest("button"));
    if (button?.dataset.action === "more") {
      this.#shown += PAGE;
      this.#still = undefined;
      this.#draw();
    } else if (button?.dataset.id) this.#choose(button.dataset.id);
  }

  /** @param {KeyboardEvent} event */
  #keydown(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
    const buttons = [...this.#made.values()];
    const next = buttons[buttons.indexOf(/** @type {HTMLElement} */ (document.activeElement)) + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
    next.click();
  }

  /** @param {string} id "" for none */
  #choose(id) {
    this.#chosen = id;
    this.toggleAttribute("chosen", id !== "");
    for (const [other, button] of this.#made) {
      const row = this.#line.rows.get(other);
      if (row) this.#fill(button, row);
    }
    this.#one.show(this.#line.rows.get(id), this.#line);
  }
}
