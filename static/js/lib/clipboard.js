// @ts-check
import { word } from "./words.js";

/**
 * Copies text and says so: on the button, and in a live region for a screen
 * reader.
 * @param {string} text
 * @param {HTMLElement} button
 * @param {Element | null} region
 */
export async function copy(text, button, region) {
  const before = button.textContent;
  let said = word("terminal.copied");
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Not on a secure origin, as on a classroom's network, or refused.
    said = word("terminal.copy_failed");
  }
  button.textContent = said;
  if (region) region.textContent = said;
  setTimeout(() => {
    button.textContent = before;
    if (region) region.textContent = "";
  }, 2000);
}
