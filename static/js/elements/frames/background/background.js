// @ts-check
// What there is to say about a frame beyond its bytes and fields: how it came
// about and what became of it, and what it did to the parser of an event stream. It is
// fetched when the first frame is looked at.

import { acceptSteps, handshakeOf } from "./accept.js";
import { maskTable } from "./mask.js";
import { keyOf, messageNotes, plainOf } from "./message.js";
import { stepsOf, story, subjectsOf } from "./story.js";
import { Facts } from "../../timeline/facts.js";
import { element } from "../../../lib/dom.js";
import { word } from "../../../lib/words.js";

export { parserTable } from "../parser.js";

/**
 * @typedef {import('../../../lib/capture.js').Capture} Capture
 * @typedef {import('../../../lib/capture.js').Frame} Frame
 * @typedef {import('../../../lib/framerows.js').Row} Row
 * @typedef {{reports: any[], started: number}} Run
 */

/** Events of one row that are followed; it may have hundreds. */
const MOST = 3;

/** Fires 'go' on its element, with a frame as detail, when the learner wants to see it. */
export class Background {
  element = element("div", "frames-background");
  /** @type {Facts|undefined} */
  #facts;
  /** @type {Capture|undefined} */
  #capture;

  /** @param {Capture} capture @param {Row} row @param {Run} run */
  show(capture, row, run) {
    const focused = this.element.contains(document.activeElement);
    const [frame] = row.frames;
    const parts = frame ? [...this.#story(capture, row, run), ...this.#notes(capture, frame)] : [];
    // Don't redraw while a link here has the focus: the learner would lose it.
    if (!focused) this.element.replaceChildren(...parts.filter((part) => part.childElementCount > 0));
  }

  /** @param {Capture} capture @param {Frame} frame */
  #notes(capture, frame) {
    const parts = [];
    const handshake = handshakeOf(capture, frame);
    if (handshake) parts.push(acceptSteps(handshake));
    if (frame.message) parts.push(messageNotes(capture, frame, (other) => this.#link(other)));
    const key = frame.protocol === "websocket" ? keyOf(capture, frame) : undefined;
    const plain = key && plainOf(capture, frame);
    if (key && plain && plain.length > 0) parts.push(maskTable(plain, key));
    return parts;
  }

  /** @param {Capture} capture @param {Row} row @param {Run} run */
  #story(capture, row, { reports, started }) {
    const subjects = subjectsOf(capture, row);
    if (subjects.length === 0 || row.time <= 0) return [];
    if (capture !== this.#capture || !this.#facts?.continues(capture, reports)) this.#facts = new Facts(capture);
    const facts = this.#facts;
    this.#capture = capture;
    facts.update(reports);
    const from = started || capture.frames[0].time - capture.clockOffset;

    const box = element("section", "background-story");
    box.append(element("h4", "", word(row.from === "server" ? "background.story" : "background.story.up")));
    const isHere = (/** @type {Frame} */ { offset }) => row.offset <= offset && offset < row.offset + row.length;
    const link = (/** @type {Frame} */ frame) => (isHere(frame) ? undefined : this.#link(frame));
    for (const subject of subjects.slice(0, MOST)) {
      box.append(story(stepsOf(capture, subject, facts, reports), from, link));
    }
    if (subjects.length > MOST) box.append(element("p", "background-aside", word("background.story.more", { count: subjects.length - MOST })));
    if (reports.length > 0) box.append(element("p", "background-aside", word("background.story.clocks")));
    return [box];
  }

  /** @param {Frame} frame */
  #link(frame) {
    const button = element("button", "background-link");
    button.addEventListener("click", () => this.element.dispatchEvent(new CustomEvent("go", { detail: frame })));
    return button;
  }
}
