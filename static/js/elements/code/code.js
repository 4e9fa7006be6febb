// @ts-check
import { untilLoaded } from "../../lib/retry.js";
import * as store from "../../lib/store.js";
import { word } from "../../lib/words.js";

/** @typedef {import("./editor.js").Editor} Editor */

/**
 * A learner's program: shown as the server wrote it, edited in an editor that
 * is loaded at first use, and kept in this browser.
 *
 * Usage:
 *
 *     <seewire-code data-key="reconnect/sse.js" data-label="sse.js">
 *       <pre class="code" tabindex="0"><code>…</code></pre>
 *     </seewire-code>
 *
 * Fires "edit", which bubbles, when the text changes.
 */
export class Code extends HTMLElement {
  #original = "";
  #text = "";
  /** @type {Promise<Editor> | undefined} */
  #editor;
  /** @type {HTMLElement | undefined} */
  #bar;

  connectedCallback() {
    if (this.#bar) return;
    const pre = /** @type {HTMLElement} */ (this.querySelector("pre"));
    this.#original = (pre.textContent ?? "").trimEnd() + "\n";
    this.#text = store.read(this.#key) ?? this.#original;
    if (this.edited) /** @type {HTMLElement} */ (pre.querySelector("code")).textContent = this.#text;

    const edit = button(word("code.edit"), () => this.focusAt());
    edit.dataset.action = "edit";
    edit.setAttribute("aria-label", word("code.edit_file", { file: this.#label }));
    const restore = button(word("code.restore"), () => this.restore());
    restore.dataset.action = "restore";
    restore.setAttribute("aria-label", word("code.restore_file", { file: this.#label }));
    this.#bar = document.createElement("div");
    this.#bar.className = "code-bar";
    this.#bar.append(restore, edit);
    this.prepend(this.#bar);

    // A click on the code opens the editor; a drag selects text.
    pre.addEventListener("click", () => getSelection()?.isCollapsed && this.focusAt());
    this.#update();
  }

  /** The text as it will run. */
  get value() {
    return this.#text;
  }

  /** The text as the server wrote it. */
  get original() {
    return this.#original;
  }

  /** Whether the learner has changed it. */
  get edited() {
    return this.#text !== this.#original;
  }

  /** Brings the original back. */
  async restore() {
    if (!this.edited) return;
    this.#changed(this.#original);
    if (this.#editor) (await this.#editor).text = this.#original;
    else /** @type {HTMLElement} */ (this.querySelector("pre code")).textContent = this.#original;
  }

  /**
   * Marks the line in which an error was; 0 removes the mark.
   * @param {number} line from 1
   */
  async mark(line) {
    if (line === 0 && !this.#editor) return;
    (await this.#open()).mark(line);
  }

  /**
   * Opens the editor, at a place where one is given.
   * @param {number} [line] from 1
   * @param {number} [column] from 1
   */
  async focusAt(line, column) {
    (await this.#open()).focus(line, column);
  }

  /** Puts the editor in the place of the text. */
  #open() {
    return (this.#editor ??= this.#load());
  }

  async #load() {
    const { Editor } = await untilLoaded(() => import("./editor.js"));
    const host = document.createElement("div");
    host.className = "editor";
    /** @type {HTMLElement} */ (this.querySelector("pre")).replaceWith(host);
    this.dataset.open = "";
    return new Editor(host, {
      text: this.#text,
      label: word("code.label", { file: this.#label }),
      changed: (text) => this.#changed(text),
    });
  }

  get #key() {
    return `code/${this.dataset.key}`;
  }

  get #label() {
    return this.dataset.label ?? "";
  }

  /** @param {string} text */
  #changed(text) {
    if (text === this.#text) return;
    this.#text = text;
    if (this.edited) store.write(this.#key, text);
    else store.remove(this.#key);
    this.#update();
    this.dispatchEvent(new Event("edit", { bubbles: true }));
  }

  #update() {
    this.toggleAttribute("data-edited", this.edited);
  }
}

/**
 * @param {string} text
 * @param {() => void} pressed
 */
function button(text, pressed) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "button small";
  made.textContent = text;
  made.addEventListener("click", pressed);
  return made;
}
