// @ts-check
import { element } from "../../lib/dom.js";
import { keptFinding } from "../../lib/keptfindings.js";
import { untilLoaded } from "../../lib/retry.js";
import { addWords, word } from "../../lib/words.js";

/** @typedef {import("../../lib/keptfindings.js").Kept} Kept */

/**
 * What the reader's own runs have shown.
 *
 * Usage: see the components `verdicts` and `claim` of package view.
 */
export class ClaimEvidence extends HTMLElement {
  async connectedCallback() {
    const names = (this.dataset.findings ?? "").split(" ");
    const kept = names.map(keptFinding).filter((one) => one !== undefined);
    await untilLoaded(() => Promise.all(names.map((name) => addWords(`finding.${name.split(".")[0]}`))));
    if (kept.length > 0) this.replaceChildren(...kept.map((one) => this.#line(/** @type {Kept} */ (one))));
  }

  /** @param {Kept} kept */
  #line({ word: key, args, at }) {
    if ("short" in this.dataset) return element("p", "", word(key, args));
    const line = element("p", "claim-evidence");
    const date = new Date(at).toLocaleDateString(/** @type {HTMLElement} */ (this.closest("[lang]")).lang, { dateStyle: "medium" });
    line.append(element("strong", "", word("claim.own", { date })), " ", word(key, args));
    return line;
  }
}
