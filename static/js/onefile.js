// @ts-check
// A capture in one file: the viewer and the timeline of the site, on a page that was
// opened from a disk. Nothing is fetched.

import { SeewireAnswers } from "./elements/answers/answers.js";
import { SeewireFrames } from "./elements/frames/frames.js";
import { setMeanings } from "./elements/frames/meanings.js";
import { SeewireTimeline } from "./elements/timeline/timeline.js";
import { Capture } from "./lib/capture.js";
import { element } from "./lib/dom.js";
import { parametersOf, withParameters } from "./lib/fragment.js";
import { bytesIn, hasWord, setWords, word } from "./lib/words.js";

/**
 * @typedef {{code: string, name: string, words: Record<string, string>, meanings: Record<string, {html: string}>}} Language
 */

/** @param {string} id */
const json = (id) => JSON.parse(/** @type {HTMLElement} */ (document.getElementById(id)).textContent ?? "");

/** @type {Language[]} */
const languages = json("languages");
const language = chosen();
document.documentElement.lang = language.words["language.tag"];
setWords(language.words);
setMeanings(language.meanings);

const data = json("capture");
const capture = new Capture();
capture.apply(data);

const main = /** @type {HTMLElement} */ (document.querySelector("main"));
main.replaceChildren(heading(), ...notes());
customElements.define("seewire-timeline", SeewireTimeline);
customElements.define("seewire-frames", SeewireFrames);
customElements.define("seewire-answers", SeewireAnswers);
const started = Math.min(...data.connections.flatMap((/** @type {any} */ { segments }) => segments.slice(0, 1)).map(timeOf));
const frames = new SeewireFrames();
frames.setAttribute("still", "");
if (started > 0 && Number.isFinite(started)) {
  const timeline = new SeewireTimeline();
  main.append(timeline);
  timeline.show({ capture, reports: [], findings: [], running: false, started });
  timeline.addEventListener("select", (event) => frames.select(/** @type {CustomEvent} */ (event).detail));
}
const answers = new SeewireAnswers();
main.append(answers, frames);
frames.capture = capture;
answers.frames = frames;
answers.list = data.answers ?? [];

/** @param {{at: string}} segment */
function timeOf({ at }) {
  return Date.parse(at);
}

/** The language of the address, or else of the browser. @returns {Language} */
function chosen() {
  const asked = [parametersOf(location.hash).get("lang"), ...navigator.languages.map((tag) => tag.split("-", 1)[0])];
  for (const code of asked) {
    const found = languages.find((one) => one.code === code);
    if (found) return found;
  }
  return languages[0];
}

function heading() {
  const head = element("header", "onefile-head");
  const title = element("h1", "", word("onefile.title"));
  const switches = element("nav", "onefile-languages");
  for (const { code, name } of languages) {
    const button = element("button", "button small", name);
    button.lang = code;
    button.setAttribute("aria-pressed", String(code === language.code));
    button.addEventListener("click", () => {
      location.hash = withParameters(location.hash, { lang: code });
      location.reload();
    });
    switches.append(button);
  }
  head.append(title, switches);
  return head;
}

/** What there is to know that no frame shows. */
function notes() {
  const list = element("ul", "onefile-notes");
  for (const { code, message, connection, count = 0, text = "" } of data.notes ?? []) {
    const key = hasWord(`bytes.note.${code}`) ? `bytes.note.${code}` : `viewer.note.${code}`;
    const protocol = hasWord(`bytes.as.${text}`) ? word(`bytes.as.${text}`) : "";
    const note = hasWord(key) ? word(key, { count, text, protocol, bytes: bytesIn(count) }) : message;
    list.append(element("li", "", connection ? word("bytes.note.connection", { number: connection, note }) : note));
  }
  return list.childElementCount > 0 ? [list] : [];
}
