// @ts-check
import { element } from "../../lib/dom.js";
import { word } from "../../lib/words.js";

/**
 * Buttons for the forms that something can be had in.
 * @param {(format: string) => void} save @param {string} label
 */
export function exports(save, label) {
  const made = element("span", "watch-formats");
  made.setAttribute("role", "group");
  made.setAttribute("aria-label", word(label));
  made.append(element("span", "muted", word(label)));
  for (const [format, name] of [["json", "JSON"], ["pcapng", "pcapng"], ["har", "HAR"]]) {
    const button = element("button", "button small", name);
    button.setAttribute("aria-label", word("watch.export.as", { format: name }));
    button.addEventListener("click", () => save(format));
    made.append(button);
  }
  return made;
}
