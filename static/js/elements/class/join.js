// @ts-check
import { element } from "../../lib/dom.js";
import { parametersOf } from "../../lib/fragment.js";
import * as store from "../../lib/store.js";
import { word } from "../../lib/words.js";
import { course } from "./course.js";

/** How long after the last letter a code is looked for, in ms. */
const PAUSE = 250;

/** What the class's QR code lets in with, also while codes that were typed wrong are limited. */
let invite = "";

/** @returns {Record<string, string>} */
const invited = () => (invite ? { "Class-Invite": invite } : {});

/** The page on which a learner joins a class. @param {HTMLElement} page */
export async function start(page) {
  const form = /** @type {HTMLFormElement} */ (page.querySelector("[data-part=join]"));
  const code = /** @type {HTMLInputElement} */ (form.elements.namedItem("code"));
  const name = /** @type {HTMLInputElement} */ (form.elements.namedItem("name"));
  const submit = /** @type {HTMLButtonElement} */ (form.querySelector("button:not([type])"));
  const another = /** @type {HTMLButtonElement} */ (form.querySelector("[data-action=another]"));
  const codeNote = part(form, "code-note");
  const note = part(form, "note");
  const names = word("class.names").split(" ");
  const given = () => (name.value = names[Math.floor(Math.random() * names.length)]);

  const link = parametersOf(location.hash);
  invite = link.get("i") ?? "";
  const key = link.get("k");
  if (key) {
    // Another device of somebody who is in the class.
    history.replaceState(history.state, "", location.pathname);
    enter(page, { code: clean(code.value), key, name: link.get("n") ?? "" }, note);
  }
  const before = store.read("class");
  if (before?.code && (!code.value || clean(code.value) === before.code)) offer(page, before, note);

  given();
  another.addEventListener("click", given);
  let timer = 0;
  code.addEventListener("input", () => {
    code.removeAttribute("aria-invalid");
    clearTimeout(timer);
    timer = window.setTimeout(() => look(code, codeNote), PAUSE);
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (clean(code.value).length !== 6) {
      wrong(code, codeNote, "class.join.wrong");
      return;
    }
    submit.disabled = true;
    await enter(page, { code: clean(code.value), key: "", name: name.value.trim() }, note, code, codeNote);
    submit.disabled = false;
  });
  submit.disabled = false;
  if (code.value) look(code, codeNote);
  else code.focus();
}

/**
 * Says whether a class has the code.
 * @param {HTMLInputElement} code
 * @param {HTMLElement} note
 */
async function look(code, note) {
  const letters = clean(code.value);
  if (letters.length !== 6) {
    note.textContent = word("class.join.where");
    return;
  }
  const response = await fetch(`/class/${letters}`, { headers: invited() }).catch(() => undefined);
  if (clean(code.value) !== letters) return; // typed on
  if (response?.status === 404) return wrong(code, note, "class.join.wrong");
  if (response?.status === 410) return wrong(code, note, "class.join.over");
  if (response?.status === 429) return wrong(code, note, "class.join.slow");
  if (!response?.ok) return wrong(code, note, "class.join.unreachable");
  const { here, lesson } = await response.json();
  const number = (await course()).find(({ slug }) => slug === lesson)?.number;
  code.removeAttribute("aria-invalid");
  note.textContent = word(number ? "class.join.found" : "class.join.found.new", { n: number, here });
}

/**
 * Joins, and goes where the class is.
 * @param {HTMLElement} page
 * @param {{code: string, key: string, name: string}} person
 * @param {HTMLElement} note
 * @param {HTMLInputElement} [field]
 * @param {HTMLElement} [fieldNote]
 */
async function enter(page, person, note, field, fieldNote) {
  note.textContent = "";
  const body = JSON.stringify(person.key ? { key: person.key, name: person.name } : { name: person.name });
  try {
    const response = await fetch(`/class/${person.code}/members`, { method: "POST", body, headers: { "Content-Type": "application/json", ...invited() } });
    const answer = await response.json();
    if (!response.ok) {
      const known = { "class-unknown": "class.join.wrong", "class-slow": "class.join.slow", "class-full": "class.join.full", "class-over": "class.join.over", "class-name": "class.join.badname" }[/** @type {string} */ (answer.code)];
      if (known === "class.join.wrong" && field && fieldNote) return wrong(field, fieldNote, known);
      note.textContent = word(known ?? "class.join.failed");
      return;
    }
    store.write("class", { code: person.code, key: answer.key, name: answer.name || word("class.number", { number: answer.number }) });
    const { lesson, heading } = await fetch(`/class/${person.code}`, { headers: invited() }).then((found) => found.json());
    const to = lesson || page.dataset.lesson;
    location.assign(`/${document.body.dataset.lang}/lessons/${to}${heading ? `#${heading}` : ""}`);
  } catch {
    note.textContent = word("class.join.unreachable");
  }
}

/**
 * This browser was in a class before: it may go on as the same person.
 * @param {HTMLElement} page
 * @param {{code: string, key: string, name: string}} before
 * @param {HTMLElement} note
 */
async function offer(page, before, note) {
  const response = await fetch(`/class/${before.code}`).catch(() => undefined);
  if (!response?.ok) return;
  const box = part(page, "again");
  const go = element("button", "button primary", word("class.join.go_on", { name: before.name }));
  go.addEventListener("click", () => enter(page, before, note));
  box.replaceChildren(element("p", "", word("class.join.before", { code: spaced(before.code), name: before.name })), go);
  box.hidden = false;
  /** @type {HTMLElement} */ (page.querySelector("form button:not([type])")).textContent = word("class.join.new");
}

/** @param {HTMLInputElement} field @param {HTMLElement} note @param {string} key */
function wrong(field, note, key) {
  field.setAttribute("aria-invalid", "true");
  note.textContent = `✗ ${word(key)}`;
  note.toggleAttribute("data-trouble", true);
  field.addEventListener("input", () => note.removeAttribute("data-trouble"), { once: true });
}

/** The letters of a code as it was typed. @param {string} text */
function clean(text) {
  return text.replace(/[\s-]/g, "").toUpperCase();
}

/** A code as it is read aloud. @param {string} code */
export function spaced(code) {
  return `${code.slice(0, 3)} ${code.slice(3)}`;
}

/** @param {Element} of @param {string} name */
function part(of, name) {
  return /** @type {HTMLElement} */ (of.querySelector(`[data-part="${name}"]`));
}
