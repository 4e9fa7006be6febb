// @ts-check
import { element } from "../../lib/dom.js";
import { Capture } from "../../lib/capture.js";
import { copy } from "../../lib/clipboard.js";
import { decodeBytes, encodeBytes, parametersOf, withParameters } from "../../lib/fragment.js";
import { read, remove, write as keep } from "../../lib/store.js";
import { guessWriting, hasWrittenLineEnds, parseBytes, FormatError, write } from "../../lib/byteformats.js";
import { bytesIn, hasWord, word } from "../../lib/words.js";

/** Bytes up to here go into the page's address. */
const LARGEST_LINK = 4096;

/** How long after the last key the form is kept, in ms. */
const KEEP_AFTER = 300;

/** Connections of a recording for which there is a choice. */
const MOST_BEGINS = 20;

/** What is kept in this browser. */
const STORED = "bytes";

/**
 * A reader's own bytes: typed, pasted or in a file, sent to /dissect, and shown
 * in the viewer. Small ones are in the page's address, beside the frame and
 * the field that are looked at: #bytes=gQVIZWxsbw&frame=1.server.0
 *
 * Usage: see the component `Bytes` of package view.
 */
export class Bytes extends HTMLElement {
  #form = /** @type {HTMLFormElement} */ (this.querySelector("form"));
  /** @type {File|undefined} */
  #file;
  /** Counts the requests, so that only the last one is shown. */
  #asked = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** What the reader has said that connections of a recording begin with. @type {Map<number, string>} */
  #begins = new Map();

  connectedCallback() {
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#dissect();
    });
    this.#form.addEventListener("input", (event) => this.#changed(event));
    this.#field("text").addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.#dissect();
    });
    this.addEventListener("click", (event) => this.#clicked(/** @type {Element} */ (event.target)));
    addEventListener("pagehide", () => this.#keep());
    document.addEventListener("seewire-leave", (event) => this.#file && event.preventDefault()); // it is nowhere else
    // Another link in the same tab.
    addEventListener("hashchange", () => parametersOf(location.hash).has("bytes") && location.reload());
    this.#takeDrops();
    this.#restore();
  }

  /** @param {string} name @returns {any} a control of the form */
  #field(name) {
    return this.#form.elements.namedItem(name);
  }

  /** @param {string} name @returns {HTMLElement} */
  #part(name) {
    return /** @type {HTMLElement} */ (this.querySelector(`[data-part="${name}"]`));
  }

  /** Fills the form from the address, or else as it was left. */
  #restore() {
    const parameters = parametersOf(location.hash);
    const linked = parameters.get("bytes");
    const kept = read(STORED);
    if (kept) this.#fill(kept);
    if (linked !== null) {
      const bytes = decodeBytes(linked);
      if (!bytes) return this.#fail(word("bytes.error.link"));
      // What the reader has typed stays as it was typed.
      if (!kept || encodeBytes(this.#typed()?.bytes ?? new Uint8Array()) !== linked) this.#fill(write(bytes));
      const { protocol = "guess", from = "guess", extensions = "" } = Object.fromEntries(parameters);
      this.#fill({ protocol, from, extensions });
      this.#dissect(true);
    }
    this.#showExtensions();
  }

  /** @param {Record<string, string>} values */
  #fill(values) {
    for (const [name, value] of Object.entries(values)) {
      const field = this.#field(name);
      if (field) field.value = value;
      if (field instanceof HTMLSelectElement && field.selectedIndex < 0) field.selectedIndex = 0;
    }
  }

  #keep() {
    clearTimeout(this.#timer);
    const { keys, ...values } = Object.fromEntries(new FormData(this.#form)); // keys are kept nowhere
    if (values.text || read(STORED)) keep(STORED, values);
  }

  /** @param {Event} event */
  #changed(event) {
    const target = /** @type {HTMLInputElement} */ (event.target);
    if (target.name === "keys") return;
    if (target.type === "file") {
      if (target.files?.[0]) this.#take(target.files[0]);
      target.value = ""; // so that the same file can be chosen again
      return;
    }
    if (target.name === "text") this.#forgetFile();
    this.#fail("");
    this.#showExtensions();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#keep(), KEEP_AFTER);
  }

  /** Extensions mean something for WebSocket alone. @param {string} [protocol] what the bytes were taken for */
  #showExtensions(protocol = this.#field("protocol").value) {
    this.#part("extensions").hidden = protocol !== "websocket" && this.#field("extensions").value === "";
  }

  /** @param {Element} target */
  #clicked(target) {
    const button = /** @type {HTMLElement|null} */ (target.closest("[data-action]"));
    switch (button?.dataset.action) {
      case "clear":
        this.#form.reset();
        this.#forgetFile();
        this.#fail("");
        this.#asked++;
        this.#part("working").textContent = "";
        this.#part("result").hidden = true;
        this.#showExtensions();
        remove(STORED);
        history.replaceState(history.state, "", location.pathname + location.search);
        this.#field("text").focus();
        break;
      case "remove":
        this.#forgetFile();
        this.#field("text").focus();
        break;
      case "example":
        this.#forgetFile();
        this.#form.reset();
        this.#fail("");
        this.#fill({ text: button.dataset.text ?? "", extensions: button.dataset.extensions ?? "" });
        this.#showExtensions();
        this.#dissect();
        break;
      case "copy":
        copy(location.href, button, this.#part("copied"));
    }
  }

  // Files

  #takeDrops() {
    addEventListener("dragover", (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      this.toggleAttribute("dropping", true);
    });
    addEventListener("dragleave", (event) => !event.relatedTarget && this.removeAttribute("dropping"));
    addEventListener("drop", (event) => {
      this.removeAttribute("dropping");
      const file = event.dataTransfer?.files[0];
      if (!file) return;
      event.preventDefault();
      this.#take(file);
    });
  }

  /** @param {File} file */
  #take(file) {
    this.#file = file;
    this.#part("file-name").textContent = `${file.name} · ${sizeOf(file.size)}`;
    this.#part("file").hidden = false;
    this.#dissect();
  }

  #forgetFile() {
    this.#file = undefined;
    this.#part("file").hidden = true;
  }

  // Dissecting

  /** @returns {{bytes: Uint8Array, writing: string}|undefined} nothing, and an error on the page, where it can't be read */
  #typed() {
    const { value } = this.#field("text");
    const chosen = this.#field("writing").value;
    const writing = chosen === "guess" ? guessWriting(value) : chosen;
    try {
      return { bytes: parseBytes(value, writing), writing };
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      this.#fail(word(`bytes.error.${error.code}`, { at: error.at + 1, found: error.found }), error.at);
      return undefined;
    }
  }

  /** @param {boolean} [linked] the page's address has asked for it, and may say what to look at @param {boolean} [again] the same bytes */
  async #dissect(linked = false, again = false) {
    if (!again) this.#begins.clear();
    this.#fail("");
    this.#keep();
    const asked = ++this.#asked;
    const read = await this.#bytes();
    if (!read || asked !== this.#asked) return;
    const { bytes, what, escaped = false } = read;
    const limit = Number(this.dataset.limit);
    if (bytes.length > limit) return this.#fail(word("bytes.error.body-too-large", { size: sizeOf(bytes.length) }));
    if (bytes.length === 0) return this.#fail(word(this.#file ? "bytes.error.import-empty" : "bytes.error.empty"));

    this.#part("working").textContent = word("bytes.working");
    const source = Object.fromEntries(["protocol", "from", "extensions"].map((name) => [name, this.#field(name).value]));
    const answer = await ask(source, bytes, [...this.#begins].map(([number, protocol]) => `${number}:${protocol}`), this.#field("keys").files[0]);
    if (asked !== this.#asked) return;
    this.#part("working").textContent = "";
    if (typeof answer === "string") return this.#fail(answer);
    this.#setAddress(bytes, source, linked);
    await this.#show(answer, bytes, what, escaped);
  }

  /** @returns {Promise<{bytes: Uint8Array, what: string, escaped?: boolean}|undefined>} and how they were read */
  async #bytes() {
    if (!this.#file) {
      const typed = this.#typed();
      const escaped = this.#field("writing").value === "guess" && hasWrittenLineEnds(this.#field("text").value);
      return typed && { bytes: typed.bytes, what: word(`bytes.read.${typed.writing}`), escaped };
    }
    const file = this.#file;
    if (file.size > Number(this.dataset.limit)) {
      this.#fail(word("bytes.error.body-too-large", { size: sizeOf(file.size) }));
      return undefined;
    }
    try {
      return { bytes: new Uint8Array(await file.arrayBuffer()), what: file.name };
    } catch {
      this.#fail(word("bytes.error.file")); // a folder, or a file that has gone
      return undefined;
    }
  }

  /**
   * Puts bytes and choices into the address, if there is room.
   * @param {Uint8Array} bytes
   * @param {Record<string, string>} source
   * @param {boolean} linked what the address says of a frame stays
   */
  #setAddress(bytes, source, linked) {
    const small = bytes.length <= LARGEST_LINK;
    this.#part("link").hidden = !small;
    this.#part("no-link").hidden = small;
    let hash = "";
    if (small) {
      hash = withParameters(linked ? location.hash : "", {
        bytes: encodeBytes(bytes),
        protocol: source.protocol === "guess" ? undefined : source.protocol,
        from: source.from === "guess" ? undefined : source.from,
        extensions: source.extensions || undefined,
      });
    }
    history.replaceState(history.state, "", location.pathname + location.search + hash);
  }

  /** @param {any} answer @param {Uint8Array} bytes @param {string} what @param {boolean} escaped a guess has taken backslashes for what they are */
  async #show(answer, bytes, what, escaped) {
    const { source } = answer;
    this.#part("result").hidden = false;
    this.#part("status").textContent = word("bytes.status", {
      what,
      bytes: sizeOf(bytes.length),
      protocol: word(source.guessed ? "bytes.as.guessed" : "bytes.as.set", {
        protocol: word(`bytes.as.${source.protocol}`),
        from: source.from ? word(`bytes.as.from.${source.from}`) : "",
      }),
    });
    this.#showExtensions(source.protocol);
    const notes = (answer.notes ?? []).map(noteOf);
    if (escaped) notes.unshift(element("li", "", word("bytes.note.escaped")));
    this.#part("notes").replaceChildren(...notes);
    this.#showBegins(answer);

    const viewer = /** @type {import('../frames/frames.js').SeewireFrames} */ (this.querySelector("seewire-frames"));
    const capture = new Capture();
    capture.apply(answer);
    viewer.capture = capture;
    const answers = /** @type {import("../answers/answers.js").SeewireAnswers} */ (this.querySelector("seewire-answers"));
    answers.frames = viewer;
    answers.list = answer.answers ?? [];
  }

  /** Lets the reader say what the connections of a recording begin with. @param {any} answer */
  #showBegins({ source, connections }) {
    const part = this.#part("begins");
    part.hidden = !["pcapng", "capture"].includes(source.protocol);
    if (part.hidden) return;
    part.replaceChildren(
      ...connections.slice(0, MOST_BEGINS).map((/** @type {{number: number}} */ { number }) => {
        const label = element("label", "", word("bytes.begins", { number }));
        const select = document.createElement("select");
        for (const protocol of ["guess", "http1", "http2", "sse", "websocket"]) {
          select.append(new Option(word(protocol === "guess" ? "bytes.protocol.guess" : `bytes.as.${protocol}`), protocol));
        }
        select.value = this.#begins.get(number) ?? "guess";
        select.addEventListener("change", () => {
          if (select.value === "guess") this.#begins.delete(number);
          else this.#begins.set(number, select.value);
          this.#dissect(false, true);
        });
        label.append(" ", select);
        return label;
      }),
    );
  }

  /** Says what is wrong; an empty text takes it back. @param {string} text @param {number} [at] the character of the typed text */
  #fail(text, at) {
    this.#part("error").textContent = text;
    const field = this.#field("text");
    field.setAttribute("aria-invalid", String(text !== "" && !this.#file));
    if (text === "") return;
    this.#part("result").hidden = true;
    if (this.#file) return;
    field.focus();
    if (at !== undefined) field.setSelectionRange(at, at + 1);
  }
}

/**
 * Asks the server.
 * @param {Record<string, string>} source @param {Uint8Array} bytes @param {string[]} begins @param {File|undefined} keys of TLS connections
 * @returns {Promise<any>} a document, or what is wrong in words
 */
async function ask(source, bytes, begins, keys) {
  const query = new URLSearchParams(source);
  for (const as of begins) query.append("as", as);
  try {
    const form = new FormData();
    form.append("bytes", new Blob([/** @type {BlobPart} */ (bytes)]));
    if (keys) form.append("keys", keys);
    const response = await fetch(`/dissect?${query}`, {
      method: "POST",
      headers: keys ? {} : { "Content-Type": "application/octet-stream" },
      body: keys ? form : /** @type {BodyInit} */ (bytes),
    });
    if (response.ok) return await response.json();
    const { code, detail } = await response.json();
    const key = `bytes.error.${code}`;
    if (hasWord(key)) return word(key, { size: sizeOf(bytes.length) });
    return word("bytes.error.other", { status: response.status, detail });
  } catch {
    return word("bytes.error.server");
  }
}

/** @param {{code: string, message: string, connection?: number, count?: number, text?: string}} note */
function noteOf({ code, message, connection, count = 0, text = "" }) {
  const key = hasWord(`bytes.note.${code}`) ? `bytes.note.${code}` : `viewer.note.${code}`;
  const named = (/** @type {string} */ prefix) => (hasWord(prefix + text) ? word(prefix + text) : "");
  const note = hasWord(key) ? word(key, { count, text, bytes: sizeOf(count), protocol: named("bytes.as."), writing: named("bytes.writing.") }) : message;
  return element("li", "", connection ? word("bytes.note.connection", { number: connection, note }) : note);
}

/** @param {number} bytes */
function sizeOf(bytes) {
  if (bytes >= 10 << 20) return `${Math.round(bytes / (1 << 20))} MiB`;
  if (bytes >= 100 << 10) return `${(bytes / (1 << 10)).toFixed(0)} KiB`;
  return bytesIn(bytes);
}
