// @ts-check
// What a teacher is asked for by some hands, and the lists of people and controls.

import { element } from "../../lib/dom.js";
import { word } from "../../lib/words.js";
import { forgetSecret } from "./secret.js";
import { ago } from "./parts.js";
import { drawQR } from "./qr.js";
import { browserName } from "./wave.js";

/** @typedef {import("./teacher.js").Teacher} Teacher */

/**
 * Opens a dialog over the page.
 * @param {string} title
 * @param {(Node | string)[]} content
 * @returns {HTMLDialogElement}
 */
function open(title, content) {
  const dialog = /** @type {HTMLDialogElement} */ (element("dialog", "class-dialog"));
  const head = element("header", "");
  const close = element("button", "button small", word("class.dialog.close"));
  close.addEventListener("click", () => dialog.close());
  head.append(element("h2", "", title), close);
  dialog.append(head, ...content);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** @param {string} text @param {() => void} pressed @param {string} [kind] */
function button(text, pressed, kind = "") {
  const made = element("button", `button ${kind}`, text);
  made.addEventListener("click", pressed);
  return made;
}

/** A name, and what is shown for somebody who has none. @param {{name: string, number: number}} person */
export function named({ name, number }) {
  return name || word("class.number", { number });
}

/** The link to a second device, when it is asked for. @param {Teacher} teacher @param {string} address */
export async function showPhone(teacher, address) {
  const link = `${address}/${document.body.dataset.lang}/class/${teacher.code}/phone#k=${teacher.secret}`;
  const qr = await drawQR(link);
  const shown = element("div", "class-secret");
  shown.hidden = true;
  shown.append(qr, element("code", "", link));
  const show = button(word("class.phone.show"), () => {
    shown.hidden = false;
    show.remove();
  }, "primary");
  open(word("class.phone.link"), [element("p", "", word("class.phone.secret")), show, shown]);
}

/** Who is here: the teacher alone sees names, and may change or remove one. @param {Teacher} teacher */
export function showWho(teacher) {
  const list = element("ul", "class-people");
  for (const person of teacher.state?.who ?? []) {
    const { number, here, own, lost, browser } = person;
    const item = element("li", "");
    const input = /** @type {HTMLInputElement} */ (element("input", ""));
    input.value = named(person);
    input.maxLength = 24;
    input.setAttribute("aria-label", word("class.who.name", { number }));
    input.addEventListener("change", () => teacher.press({ rename: { number, name: input.value.trim() } }));
    const state = !here && lost ? `✕ ${word("class.who.lost", { ago: ago(teacher.line.now - lost) })}` : word(own ? "class.who.own" : "class.who.here");
    const remove = button(word("class.who.remove"), () => {
      if (teacher.press({ remove: { number } })) item.remove();
    }, "small");
    item.append(input, element("span", "muted", browserName(browser)), element("span", lost && !here ? "class-trouble" : "muted", state), remove);
    list.append(item);
  }
  const none = list.childElementCount === 0;
  open(word("class.who.title"), [element("p", "note", word(none ? "class.who.none" : "class.who.note")), list]);
}

/** A sentence to all, over both. @param {Teacher} teacher */
export function writeMessage(teacher) {
  const form = /** @type {HTMLFormElement} */ (element("form", "class-form"));
  const text = /** @type {HTMLTextAreaElement} */ (element("textarea", ""));
  text.maxLength = 300;
  text.rows = 3;
  text.required = true;
  text.setAttribute("aria-label", word("class.message.title"));
  const send = /** @type {HTMLButtonElement} */ (element("button", "button primary", word("class.message.send")));
  send.type = "submit";
  form.append(text, element("p", "note", word("class.message.note")), send);
  const dialog = open(word("class.message.title"), [form]);
  if (teacher.state?.message?.text) {
    form.append(button(word("class.message.away"), () => {
      teacher.press({ message: { text: "" } });
      dialog.close();
    }));
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (teacher.press({ message: { text: text.value.trim() } })) dialog.close();
  });
  text.focus();
}

/** Whose run is to be shown: they are asked. @param {Teacher} teacher */
export function chooseRun(teacher) {
  const list = element("ul", "class-people");
  const { exhibit, who = [] } = teacher.state ?? {};
  const dialog = open(word("class.exhibit.title"), [element("p", "note", word("class.exhibit.note")), list]);
  if (exhibit?.number || exhibit?.asked) {
    const item = element("li", "");
    item.append(button(word("class.exhibit.end"), () => {
      teacher.press({ exhibit: { number: 0 } });
      dialog.close();
    }));
    list.append(item);
  }
  for (const person of who) {
    if (!person.here) continue;
    const item = element("li", "");
    item.append(element("span", "", named(person)), element("span", "muted", browserName(person.browser)), button(word("class.exhibit.ask"), () => {
      if (teacher.press({ exhibit: { number: person.number } })) dialog.close();
    }, "small"));
    list.append(item);
  }
}

/** What Run sets on every screen. @param {Teacher} teacher */
export function chooseControls(teacher) {
  const form = /** @type {HTMLFormElement} */ (element("form", "class-form class-controls"));
  const { lesson, controls } = teacher;
  for (const control of lesson?.controls ?? []) {
    const { name, label, kind, min, max, unit, choices } = control;
    const value = controls[name] ?? control.initial;
    const box = element("label", "", label);
    /** @type {HTMLInputElement | HTMLSelectElement} */
    let field;
    if (kind === "choice") {
      field = /** @type {HTMLSelectElement} */ (element("select", ""));
      for (const choice of choices ?? []) {
        const option = /** @type {HTMLOptionElement} */ (element("option", "", choice.label));
        option.value = choice.value;
        field.append(option);
      }
      field.value = value;
    } else {
      field = /** @type {HTMLInputElement} */ (element("input", ""));
      field.type = kind === "number" ? "number" : kind === "switch" ? "checkbox" : "text";
      if (kind === "number") Object.assign(field, { min, max, value, required: true });
      else if (kind === "switch") field.checked = value === "on";
      else field.value = value;
    }
    field.name = name;
    box.append(field);
    if (unit) box.append(element("span", "unit", unit));
    form.append(box);
  }
  const save = /** @type {HTMLButtonElement} */ (element("button", "button primary", word("class.controls.set")));
  save.type = "submit";
  form.append(save);
  const dialog = open(word("class.controls.title"), [element("p", "note", word("class.controls.note")), form]);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    /** @type {Record<string, string>} */
    const set = {};
    for (const { name, kind, initial } of lesson?.controls ?? []) {
      const field = /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
      const value = kind === "switch" ? (field.checked ? "on" : "off") : field.value;
      if (value !== initial) set[name] = value;
    }
    teacher.controls = set;
    dialog.close();
  });
}

/** Where everybody is to be brought. @param {Teacher} teacher */
export function choosePlace(teacher) {
  const list = element("ol", "class-places");
  for (const { slug, number, question, steps } of teacher.lessons) {
    const item = element("li", "");
    const details = /** @type {HTMLDetailsElement} */ (element("details", ""));
    details.open = slug === teacher.lesson?.slug;
    details.append(element("summary", "", `${number} · ${question}`));
    for (const { id, short } of steps) {
      details.append(button(short, () => {
        if (teacher.press({ bring: { lesson: slug, heading: id } })) dialog.close();
      }));
    }
    item.append(details);
    list.append(item);
  }
  const dialog = open(word("class.hand.bring_where"), [list]);
}

/** The results, and the end. @param {Teacher} teacher */
export function closeClass(teacher) {
  const { state } = teacher;
  const note = element("p", "", state.over ? word("class.close.over", { ago: ago(Math.max(0, (state.gone ?? 0) - teacher.line.now)) }) : word("class.close.ask", { n: state.of ?? 0 }));
  note.setAttribute("role", "status");
  const actions = element("div", "class-actions");
  const save = (/** @type {"csv" | "json"} */ format) =>
    button(word(`class.close.${format}`), async () => {
      note.textContent = word((await teacher.save(format)) ? "class.close.saved" : "class.close.not_saved");
    });
  actions.append(save("csv"), save("json"));
  if (state.over) {
    actions.append(button(word("class.close.forget"), () => {
      if (!teacher.press({ forget: {} })) return;
      forgetSecret(teacher.code);
      dialog.close();
    }));
  } else {
    actions.append(button(word("class.close.close"), () => {
      if (teacher.press({ close: {} })) dialog.close();
    }, "primary"));
  }
  const dialog = open(word("class.close.title"), [note, actions, element("p", "note", word("class.close.note"))]);
}
