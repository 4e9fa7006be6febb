// @ts-check
// The exchange that is chosen: what was noticed, its timeline, the faults, its frames.

import { exports } from "./formats.js";
import { NONE } from "./line.js";
import { aboutRow, clock, noticeKey } from "./rows.js";
import { Capture } from "../../lib/capture.js";
import { element } from "../../lib/dom.js";
import { follow } from "../../lib/live.js";
import { word } from "../../lib/words.js";

/**
 * @typedef {import("./rows.js").Row} Row
 * @typedef {import("./line.js").Line} Line
 * @typedef {import("../timeline/timeline.js").SeewireTimeline} SeewireTimeline
 * @typedef {import("../frames/frames.js").SeewireFrames} SeewireFrames
 */

/** The timeline shows no more than the newest of so much, in ms: more can't be told apart. */
const WINDOW = 240_000;
/** It begins at a multiple of this, so that it does not move with every second. */
const STEP = 60_000;

const CUTS = /** @type {const} */ (["reset", "end", "silence"]);
const SWITCHES = /** @type {const} */ (["hold", "delay", "quiet"]);
const ANSWERS = [503, 204];

/** Fires 'back' on its element. */
export class One {
  element = element("div", "watch-chosen");
  /** @type {Row|undefined} */
  #row;
  /** @type {Line|undefined} */
  #line;
  /** @type {Capture|undefined} */
  #capture;
  /** @type {{close(): void}|undefined} */
  #feed;
  #side = "";
  #head = element("div", "watch-head");
  #title = element("h2", "");
  #about = element("span", "muted");
  #notices = element("ul", "watch-notices");
  #timeline = /** @type {SeewireTimeline} */ (document.createElement("seewire-timeline"));
  #faults = element("div", "watch-faults");
  #scope = /** @type {HTMLSelectElement} */ (document.createElement("select"));
  #frames = /** @type {SeewireFrames} */ (document.createElement("seewire-frames"));
  #answers = /** @type {import("../answers/answers.js").SeewireAnswers} */ (document.createElement("seewire-answers"));

  constructor() {
    const back = element("button", "button small watch-back", `← ${word("watch.back")}`);
    back.addEventListener("click", () => this.element.dispatchEvent(new Event("back")));
    const mark = element("span", "watch-mark");
    const formats = exports((format) => location.assign(`/captures/${this.#row?.id}.${format}`), "watch.export");
    this.#head.append(back, mark, this.#title, this.#about, formats);
    this.#notices.setAttribute("role", "status");
    this.#buildFaults();
    this.element.append(this.#head, this.#notices, this.#timeline, this.#faults, this.#answers, this.#frames);
    this.#answers.frames = this.#frames;
    this.element.hidden = true;
    this.#timeline.addEventListener("select", (event) => {
      const { detail } = /** @type {CustomEvent} */ (event);
      if (detail.connection) this.#frames.select(detail);
    });
    this.#frames.addEventListener("chosen", (event) => {
      const { detail } = /** @type {CustomEvent} */ (event);
      const row = detail?.row;
      this.#timeline.choose(row && { side: detail.side, at: detail.at, connection: row.connection, from: row.from, offset: row.offset });
    });
  }

  /** @param {Row|undefined} row @param {Line} line */
  show(row, line) {
    this.#line = line;
    this.element.hidden = !row;
    if (!row) {
      this.#feed?.close();
      this.#feed = this.#capture = this.#row = undefined;
      return;
    }
    const isOther = row.id !== this.#row?.id;
    this.#row = row;
    if (isOther) {
      this.#feed?.close();
      this.#capture = new Capture();
      this.#capture.front = "client";
      this.#feed = follow(row.id, this.#capture);
      this.#frames.capture = this.#capture;
      // Which side it is of is known when the request is there.
      this.#capture.addEventListener("change", () => sideIn(this.#capture) !== this.#side && this.#row && this.#line && this.#drawTimeline(this.#row, this.#line));
    }
    this.element.dataset.side = row.kind === "sse" || row.kind === "ws" ? row.kind : "";
    this.element.toggleAttribute("data-open", row.open);
    this.#title.textContent = `${row.method} ${row.target}`.trim() || word("watch.other");
    this.#about.textContent = this.#describe(row, line);
    this.#sayNotices(row);
    this.#sayFaults(row, line);
    this.#drawTimeline(row, line);
  }

  /** @param {Row} row @param {Line} line */
  #describe(row, line) {
    const lasted = (row.ended ? Date.parse(row.ended) : Date.now() + line.offset) - Date.parse(row.began);
    const parts = [row.kind === "http" ? "" : [row.status, row.type].filter(Boolean).join(" "), aboutRow(row)];
    if (row.kind !== "other") parts.push(word("watch.both_hops", { protocol: row.http2 ? "HTTP/2" : "HTTP/1.1" }));
    parts.push(word(row.open ? "watch.open_for" : "watch.ended_after", { time: lasted < 10_000 ? `${(lasted / 1000).toFixed(2)} s` : clock(lasted) }));
    return parts.filter(Boolean).join(" · ");
  }

  /** @param {Row} row */
  #sayNotices(row) {
    const done = (row.faults ?? []).map((what) => word(`watch.fault.${what}`));
    const text = JSON.stringify([row.id, row.notices, done]);
    if (this.#notices.dataset.text === text) return;
    this.#notices.dataset.text = text;
    const lessons = JSON.parse(/** @type {HTMLElement} */ (this.element.closest("seewire-watch"))?.dataset.lessons ?? "{}");
    this.#notices.replaceChildren(
      ...(row.notices ?? []).map((notice) => {
        const item = element("li", "");
        item.append(element("span", "watch-cross", "✕"), element("span", "", word(noticeKey("notice", notice), notice.args)));
        if (lessons[notice.lesson]) {
          const link = /** @type {HTMLAnchorElement} */ (element("a", "", word("watch.lesson", { number: lessons[notice.lesson] })));
          link.href = `/${document.body.dataset.lang}/lessons/${notice.lesson}`;
          item.append(link);
        }
        return item;
      }),
    );
    if (done.length > 0) this.#notices.append(element("li", "watch-done", word("watch.fault.done", { what: done.join(", ") })));
  }

  /** @param {Row} row @param {Line} line */
  #drawTimeline(row, line) {
    const capture = /** @type {Capture} */ (this.#capture);
    const side = sideIn(capture);
    this.#side = side;
    // The capture's clock is the program's, which the line knows too.
    const began = Date.parse(row.began) - line.offset;
    const ended = row.ended ? Date.parse(row.ended) - line.offset : undefined;
    const newest = ended ?? Date.now();
    const before = newest - began > WINDOW ? Math.floor((newest - began - WINDOW) / STEP + 1) * STEP : 0;
    if (this.#frames.started !== began) this.#frames.started = began;
    const findings = (row.notices ?? [])
      .map((notice) => {
        const at = Date.parse(notice.at) - line.offset;
        const word = noticeKey("short", notice);
        const silent = notice.key === "silence" ? notice.args?.seconds * 1000 : 0;
        return { side, kind: silent ? "gap" : "cut", from: silent ? Math.max(began + before, at - silent) : at, ...(silent && { to: at }), word, args: notice.args ?? {} };
      })
      .filter(({ from, to }) => (to ?? from) >= began + before);
    this.#timeline.show(/** @type {any} */ ({ capture, reports: [], findings, running: row.open, started: began + before, ended, sides: [side], watched: { before } }));
  }

  // Faults

  #buildFaults() {
    const group = (/** @type {string} */ label) => {
      const made = element("span", "watch-fault-group");
      made.setAttribute("role", "group");
      made.setAttribute("aria-label", word(label));
      return made;
    };
    const button = (/** @type {string} */ name, /** @type {() => void} */ press, about = word(`watch.fault.${name}.about`)) => {
      const made = element("button", "button small", word(`watch.fault.${name}`));
      made.dataset.fault = name;
      made.title = about;
      made.addEventListener("click", press);
      return made;
    };
    const cuts = group("watch.fault.cut");
    cuts.append(element("span", "muted", word("watch.fault.cut")));
    for (const how of CUTS) {
      const made = button(how, () => this.#line?.cut(this.#scope.value === "all" ? "" : (this.#row?.id ?? ""), how));
      made.classList.add("watch-cut");
      cuts.append(made);
    }
    const switches = group("watch.faults");
    for (const name of SWITCHES) switches.append(button(name, () => this.#change((now) => ({ ...now, [name]: !now[name] }))));
    const answers = group("watch.fault.answer");
    answers.append(element("span", "muted", word("watch.fault.answer")));
    for (const status of ANSWERS) {
      answers.append(
        button(String(status), () => this.#change((now) => ({ ...now, answer: now.answer === status ? 0 : status })), word("watch.fault.answer.about", { status })),
      );
    }
    const scope = element("label", "watch-scope", word("watch.fault.on"));
    for (const value of ["this", "all"]) this.#scope.append(new Option(word(`watch.fault.on.${value}`), value));
    this.#scope.addEventListener("change", () => this.#row && this.#line && this.#sayFaults(this.#row, this.#line));
    scope.append(" ", this.#scope);
    this.#faults.append(cuts, switches, answers, scope);
    this.#faults.setAttribute("role", "group");
    this.#faults.setAttribute("aria-label", word("watch.faults"));
  }

  /** @param {(now: import("./line.js").Settings) => import("./line.js").Settings} how */
  #change(how) {
    if (!this.#row || !this.#line) return;
    this.#line.set(this.#scope.value === "all" ? "" : this.#row.id, how(this.#settings(this.#row, this.#line)));
  }

  /** What is on in the scope that is chosen. @param {Row} row @param {Line} line */
  #settings(row, line) {
    if (this.#scope.value === "all") return line.settings.all;
    return line.settings.by[`${row.method} ${row.target.split(/[?#]/)[0]}`] ?? NONE;
  }

  /** @param {Row} row @param {Line} line */
  #sayFaults(row, line) {
    const now = this.#settings(row, line);
    for (const button of /** @type {Iterable<HTMLButtonElement>} */ (this.#faults.querySelectorAll("button"))) {
      const name = button.dataset.fault ?? "";
      if (CUTS.some((cut) => cut === name)) {
        button.disabled = !row.open && this.#scope.value === "this";
        continue;
      }
      const on = Number(name) ? now.answer === Number(name) : now[/** @type {"hold"} */ (name)];
      button.setAttribute("aria-pressed", String(on));
    }
  }
}

/** The side that the connections of a row are of. @param {Capture|undefined} capture */
function sideIn(capture) {
  const [first] = capture?.connections.values() ?? [];
  return first?.side ?? "sse";
}
