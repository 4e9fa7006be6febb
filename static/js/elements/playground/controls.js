// @ts-check
import { word } from "../../lib/words.js";

/** @typedef {import("../../lib/address.js").Values} Values */
/** @typedef {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} Field */

/** The controls of an experiment, in the form that the server wrote. */
export class Controls {
  #form;

  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.#form = form;
  }

  /** @returns {Values} as they go into an address */
  get values() {
    return this.#each((box) => valueOf(fieldOf(box)));
  }

  /** What the lesson sets: Reset goes back to it. @returns {Values} */
  get initial() {
    return this.#each((box) => box.dataset.initial ?? "");
  }

  /** What the experiment takes where an address says nothing. @returns {Values} */
  get defaults() {
    return this.#each((box) => box.dataset.default ?? "");
  }

  /** What the lesson sets the texts to: they are in its language. @returns {Values} */
  get texts() {
    const texts = Array.from(this.#boxes).filter((box) => kindOf(box) === "text");
    return Object.fromEntries(texts.map((box) => [box.dataset.control ?? "", box.dataset.initial ?? ""]));
  }

  /**
   * Values as a program wants them: numbers, true or false, text.
   * @param {Values} values
   */
  typedOf(values) {
    /** @type {Record<string, string | number | boolean>} */
    const typed = {};
    for (const box of this.#boxes) {
      const name = box.dataset.control ?? "";
      const value = values[name];
      const kind = kindOf(box);
      typed[name] = kind === "number" ? Number(value) : kind === "switch" ? value === "on" : value;
    }
    return typed;
  }

  /** @param {Values} values those not named keep theirs */
  set(values) {
    for (const box of this.#boxes) {
      const field = fieldOf(box);
      const value = values[field.name];
      if (value === undefined) continue;
      if (field instanceof HTMLInputElement && field.type === "checkbox") field.checked = value === "on";
      else field.value = value;
    }
    this.check();
  }

  /**
   * Says beside each control what is wrong with it.
   * @returns {Field | undefined} the first with something wrong
   */
  check() {
    let first;
    for (const box of this.#boxes) {
      const field = fieldOf(box);
      const problem = problemOf(field);
      if (problem) field.setAttribute("aria-invalid", "true");
      else field.removeAttribute("aria-invalid");
      const note = /** @type {HTMLElement} */ (box.querySelector("[data-part=note]"));
      if (note.textContent?.trim() !== problem) note.textContent = problem;
      if (problem) first ??= field;
    }
    return first;
  }

  /** @returns {NodeListOf<HTMLElement>} */
  get #boxes() {
    return this.#form.querySelectorAll("[data-control]");
  }

  /** @param {(box: HTMLElement) => string} value */
  #each(value) {
    return Object.fromEntries(Array.from(this.#boxes, (box) => [box.dataset.control ?? "", value(box)]));
  }
}

/** @param {HTMLElement} box */
function fieldOf(box) {
  return /** @type {Field} */ (box.querySelector("input:not([type=hidden]), select, textarea"));
}

/** @param {HTMLElement} box */
function kindOf(box) {
  const { type } = fieldOf(box);
  return { number: "number", checkbox: "switch", "select-one": "choice" }[type] ?? "text";
}

/** @param {Field} field */
function valueOf(field) {
  if (field instanceof HTMLInputElement && field.type === "checkbox") return field.checked ? "on" : "off";
  return field.value;
}

/**
 * The same rules as the server's.
 * @param {Field} field
 * @returns {string} in words; "" where all is well
 */
function problemOf(field) {
  if (field.type === "number") {
    const { min, max } = /** @type {HTMLInputElement} */ (field);
    if (!/^-?\d+$/.test(field.value)) return word("control.error.number", { min, max });
    if (!field.validity.valid) return word("control.error.range", { min, max });
  }
  const bytes = Number(field.dataset.bytes ?? Infinity);
  if (new TextEncoder().encode(field.value).length > bytes) return word("control.error.too-long", { bytes });
  return "";
}
