// @ts-check
import { element } from "../../lib/dom.js";
import * as store from "../../lib/store.js";
import { word } from "../../lib/words.js";
import { course } from "./course.js";
import { keepSecret } from "./secret.js";

/** The page on which a teacher opens a class. @param {HTMLElement} page */
export async function start(page) {
  const form = /** @type {HTMLFormElement} */ (page.querySelector("[data-part=open]"));
  const note = /** @type {HTMLElement} */ (form.querySelector("[data-part=note]"));
  const button = /** @type {HTMLButtonElement} */ (form.querySelector("button"));
  const select = /** @type {HTMLSelectElement} */ (form.elements.namedItem("lesson"));
  for (const { slug, number, question } of await course()) {
    const option = /** @type {HTMLOptionElement} */ (element("option", "", `${number} · ${question}`));
    option.value = slug;
    select.append(option);
  }
  select.value = store.read("progress/last") ?? page.dataset.lesson;
  if (select.selectedIndex < 0) select.selectedIndex = 0;
  button.disabled = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    note.textContent = "";
    try {
      const response = await fetch("/class", { method: "POST", body: "{}", headers: { "Content-Type": "application/json" } });
      const { code, key } = await response.json();
      if (response.ok) {
        keepSecret(code, key);
        store.write(`class/lesson/${code}`, select.value);
        location.assign(`/${document.body.dataset.lang}/class/${code}`);
        return;
      }
      note.textContent = word(response.status === 503 ? "class.open.many" : "class.open.failed");
    } catch {
      note.textContent = word("class.open.failed");
    }
    button.disabled = false;
  });
}
