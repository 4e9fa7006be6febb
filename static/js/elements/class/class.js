// @ts-check
import { element } from "../../lib/dom.js";
import * as store from "../../lib/store.js";
import { word } from "../../lib/words.js";
import { course } from "./course.js";
import { faceOf } from "./faces.js";
import { Line } from "./line.js";
import { drawQR } from "./qr.js";
import { Reporter } from "./reporter.js";
import { missed, pack, packCode } from "./run.js";
import { loadStyles } from "./styles.js";

/** @typedef {import("./faces.js").Topic} Topic */

/** How often the bar counts on while a cut is in it, in ms. */
const TICK = 100;

/**
 * A learner's class: a bar along the bottom of every page, which says what is asked
 * and what became of the learner, and does what the teacher asks for.
 *
 * Usage: main.js puts one on a page where this browser has joined a class, which
 * `class` in the store says.
 */
export class Class extends HTMLElement {
  #joined = /** @type {{code: string, key: string, name: string}} */ (store.read("class"));
  #line = new Line(this.#joined.code, "member", this.#joined.key);
  #reporter = new Reporter(this.#line);
  /** What has happened last comes first. @type {Topic[]} */
  #topics = [];
  /** What each topic was about, to know what is new. @type {Record<string, string>} */
  #about = {};
  #over = false;
  #stayed = false;
  /** Fields that were typed into since the page was loaded. @type {Set<Element>} */
  #typed = new Set();
  #say = element("p", "class-say");
  #note = element("p", "class-note");
  #actions = element("div", "class-actions");
  #name = element("button", "class-me");
  #count = element("span", "class-count");
  #follow = /** @type {HTMLInputElement} */ (element("input", ""));
  #following = element("span", "");
  #menu = element("div", "class-menu");
  /** What a screen reader is told: what is asked, once. */
  #told = element("p", "visually-hidden");
  #shown = "";
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #ticks;
  /** @type {import("./course.js").Lesson[]} */
  #lessons = [];

  connectedCallback() {
    loadStyles();
    this.setAttribute("role", "region");
    this.setAttribute("aria-label", word("class.bar.label"));
    this.#told.setAttribute("role", "status");
    this.#make();
    document.addEventListener("input", ({ target }) => this.#typed.add(/** @type {Element} */ (target)));
    this.#line.addEventListener("state", () => this.#state());
    this.#line.addEventListener("do", (event) => this.#do(/** @type {CustomEvent} */ (event).detail));
    this.#line.addEventListener("status", () => {
      if (this.#line.status === "live") this.#reporter.hello();
      if (this.#line.status === "unknown") this.#joinAnew();
      this.update();
    });
    this.#reporter.addEventListener("place", () => this.update());
    for (const name of ["seewire-reports", "seewire-judged"]) document.addEventListener(name, () => this.#line.state?.asked && this.update());
    course().then((lessons) => {
      this.#lessons = lessons;
      this.#shown = "";
      this.update();
    });
    this.#number();
    this.update();
    document.documentElement.toggleAttribute("data-class", true);
    new ResizeObserver(() => document.documentElement.style.setProperty("--class-bar", `${this.offsetHeight}px`)).observe(this);
  }

  /** Shows how things stand. */
  update() {
    const { state, status, since, now } = this.#line;
    const here = { status, since, now, lesson: document.body.dataset.lesson ?? "", heading: this.#reporter.heading, topics: this.#topics, over: this.#over, ran: Boolean(state?.asked && this.#ran) };
    const face = faceOf(state, here);
    const shown = JSON.stringify([face, this.#place, state?.me, state?.here, state?.of]);
    this.#tick(Boolean(state?.wave && this.#topics[0] === "wave" && face.ground === "ink"));
    if (shown === this.#shown) return;
    this.#shown = shown;

    this.dataset.ground = face.ground;
    this.#write(this.#say, face.main);
    this.#note.replaceChildren();
    if (face.note) this.#write(this.#note, face.note);
    for (const { side, say } of face.sides ?? []) {
      const part = element("span", "class-side", `${word(`side.${side}`)} ${word(say.word, say.args)}`);
      part.dataset.side = side;
      this.#note.append(part);
    }
    const focused = /** @type {HTMLElement | null} */ (this.#actions.querySelector(":focus"))?.dataset.action;
    this.#actions.replaceChildren(
      ...face.actions.map(({ name, word: key, primary }) => {
        const button = element("button", `button${primary ? " primary" : ""}`, word(key));
        button.dataset.action = name;
        return button;
      }),
    );
    if (focused) /** @type {HTMLElement | null} */ (this.#actions.querySelector(`[data-action="${focused}"]`))?.focus();

    const name = state ? this.#named(state.me) : this.#joined.name;
    this.#name.textContent = `${name} ▾`;
    this.#name.setAttribute("aria-label", word("class.bar.menu", { name }));
    this.#count.textContent = face.tied ? word("class.bar.stay", { name }) : word("class.bar.here", { here: state?.here ?? 0, of: state?.of ?? 0 });
    const follow = state?.me?.follow ?? true;
    this.#follow.checked = follow;
    this.#following.textContent = word(follow ? "class.bar.follow" : "class.bar.alone_now");
    /** @type {HTMLElement} */ (this.#follow.parentElement).hidden = Boolean(face.tied);
    // Counts change all the time, and are there to be looked at.
    const told = this.#say.textContent ?? "";
    if (face.ground !== "paper" && face.main.word !== this.#told.dataset.word) this.#told.textContent = told;
    this.#told.dataset.word = face.main.word;
  }

  // --- what the class says ---

  #state() {
    const { state } = this.#line;
    const { ask, wave, message, exhibit, at } = state;
    const first = Object.keys(this.#about).length === 0;
    this.#news("ask", ask && [ask.lesson, ask.round, ask.open, Boolean(ask.counts)]);
    this.#news("wave", wave?.id);
    this.#news("message", message?.id);
    this.#news("exhibit", exhibit && [exhibit.number, exhibit.capture]);
    const place = at && JSON.stringify(at);
    if (this.#stayed && place !== this.#about.at) this.#topics = this.#topics.filter((topic) => topic !== "brought");
    // The class has gone on from a vote that is shown.
    if (!first && ask?.counts && place !== this.#about.at) this.#topics = this.#topics.filter((topic) => topic !== "ask");
    this.#about.at = place ?? "";
    this.#number();
    this.#open(state);
    // What was missed while the line was lost, or while another page was shown.
    if (first) {
      const did = Number(sessionStorage.getItem("seewire/class-did"));
      sessionStorage.removeItem("seewire/class-did");
      if (did) this.#line.send({ did });
      this.#catchUp(place);
    }
    if (missed(state, sessionStorage.getItem("seewire/class-ran"))) this.#run(state.run);
    sessionStorage.setItem("seewire/class-ran", String(state.run?.at ?? 0));
    if (state.me.name) store.write("class", { ...this.#joined, name: state.me.name });
    this.update();
  }

  /** @param {Topic} topic @param {unknown} about undefined where there is nothing */
  #news(topic, about) {
    const said = about === undefined ? "" : JSON.stringify(about);
    if (said === this.#about[topic]) return;
    this.#about[topic] = said;
    this.#topics = this.#topics.filter((other) => other !== topic);
    if (said) this.#topics.unshift(topic);
  }

  /** @param {string | undefined} place */
  #catchUp(place) {
    const seen = sessionStorage.getItem("seewire/class-at");
    if (place && place !== seen && this.#line.state.me.follow && seen !== null) this.#bring(this.#line.state.at);
    sessionStorage.setItem("seewire/class-at", place ?? "");
  }

  /** @param {any} what */
  #do(what) {
    const { n, bring, run, hint, answer, listen, message, over } = what;
    /** @type {"did" | "stayed" | "leaves"} */
    let done = "did";
    if (bring) done = this.#bring(bring);
    if (run) done = this.#run(run);
    if (hint) this.#openHint(hint);
    if (answer) answer.exercise ? this.#openSolution(answer.lesson) : this.#openAnswer(answer.lesson);
    if (listen) this.#listen(listen);
    if (message) this.#line.send({ got: { message: message.message, by: "ws" } });
    if (over) this.#ended();
    // A page that is being left may not get it out any more: the next one says it.
    if (done === "leaves") sessionStorage.setItem("seewire/class-did", String(n));
    else this.#line.send(done === "stayed" ? { did: n, stayed: true } : { did: n });
    this.update();
  }

  /**
   * Goes where the class goes, unless that would take away what is being typed.
   * @param {{lesson: string, heading: string}} place
   */
  #bring(place) {
    sessionStorage.setItem("seewire/class-at", JSON.stringify(place));
    if (this.#isTyping(place.lesson)) {
      this.#stayed = true;
      this.#topics = ["brought", ...this.#topics.filter((topic) => topic !== "brought")];
      return "stayed";
    }
    this.#go(place);
    return place.lesson === document.body.dataset.lesson ? "did" : "leaves";
  }

  /** @param {{lesson: string, heading: string}} place */
  #go({ lesson, heading }) {
    this.#topics = this.#topics.filter((topic) => topic !== "brought");
    if (lesson !== document.body.dataset.lesson) {
      location.assign(`/${document.body.dataset.lang}/lessons/${lesson}#${heading}`);
      return;
    }
    const target = document.getElementById(heading);
    target?.scrollIntoView({ behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth" });
    history.replaceState(history.state, "", `#${heading}`);
  }

  /**
   * Whether going to a lesson would take something from the learner's hands: a
   * field that is being typed into, and what has been typed that another page
   * does not have.
   * @param {string} lesson
   */
  #isTyping(lesson) {
    const focused = document.activeElement;
    const writes = focused?.matches("textarea, input:not([type=radio], [type=checkbox], [type=range]), [contenteditable=true], [role=textbox]");
    if (writes && !this.contains(focused) && [...this.#typed].some((field) => field === focused || field.contains(focused) || focused?.contains(field))) return true;
    if (lesson === document.body.dataset.lesson) return false;
    return [...this.#typed].some((field) => field.isConnected && field instanceof HTMLTextAreaElement && !field.closest("seewire-code, form[data-part=controls]") && field.value !== field.defaultValue);
  }

  /**
   * Runs what the class runs, with its controls.
   * @param {{lesson: string, controls: Record<string, string>, at: number}} run
   */
  #run({ lesson, controls, at }) {
    sessionStorage.setItem("seewire/class-ran", String(at));
    const playground = /** @type {import("../playground/playground.js").Playground | null} */ (document.querySelector("seewire-playground"));
    if (lesson === document.body.dataset.lesson && playground) {
      playground.runWith(controls);
      return "did";
    }
    if (!this.#line.state?.me.follow || this.#isTyping(lesson)) return "stayed";
    location.assign(`/${document.body.dataset.lang}/lessons/${lesson}?${new URLSearchParams({ ...controls, run: "now" })}#run`);
    return "leaves";
  }

  /** The same message over SSE. @param {{message: number, url: string}} listen */
  #listen({ message, url }) {
    const source = new EventSource(url);
    source.addEventListener("message", () => {
      source.close();
      this.#line.send({ got: { message, by: "sse" } });
    });
    source.addEventListener("error", () => source.close());
  }

  /** @param {{answers?: string[], solutions?: string[], hints?: Record<string, number>}} state */
  #open({ answers = [], solutions = [], hints = {} }) {
    const lesson = document.body.dataset.lesson ?? "";
    if (answers.includes(lesson)) this.#openAnswer(lesson);
    if (solutions.includes(lesson)) this.#openSolution(lesson);
    if (hints[lesson]) this.#openHint({ lesson, hint: hints[lesson] });
  }

  /** @param {string} lesson */
  #openAnswer(lesson) {
    const answer = /** @type {HTMLDetailsElement | null} */ (document.querySelector("seewire-predict [data-part=answer]"));
    if (!answer || lesson !== document.body.dataset.lesson || "class" in answer.dataset) return;
    answer.dataset.class = ""; // once: the learner may fold it again
    answer.open = true;
  }

  /** The exercise's answer, beside the learner's own. @param {string} lesson */
  #openSolution(lesson) {
    if (lesson !== document.body.dataset.lesson) return;
    for (const exercise of /** @type {NodeListOf<import("../exercise/exercise.js").Exercise>} */ (document.querySelectorAll("seewire-exercise:not([data-class])"))) {
      exercise.dataset.class = "";
      customElements.whenDefined("seewire-exercise").then(() => exercise.showModel());
    }
  }

  /** @param {{lesson: string, hint: number}} which */
  #openHint({ lesson, hint }) {
    if (lesson !== document.body.dataset.lesson) return;
    for (const details of /** @type {NodeListOf<HTMLDetailsElement>} */ (document.querySelectorAll("seewire-exercise details[data-hint]"))) {
      const n = Number(details.dataset.hint);
      if (n <= hint) details.hidden = false;
      if (n !== hint || "class" in details.dataset) continue;
      details.dataset.class = "";
      details.open = true;
    }
  }

  /** The answers come in the order in which the class speaks of them, with numbers. */
  #number() {
    const predict = document.querySelector("seewire-predict:not([data-numbered])");
    if (!predict) return;
    predict.toggleAttribute("data-numbered", true);
    const options = Array.from(/** @type {NodeListOf<HTMLElement>} */ (predict.querySelectorAll("[data-option]")));
    options.sort((a, b) => Number(a.dataset.option) - Number(b.dataset.option));
    for (const option of options) {
      const number = element("span", "class-number", `${option.dataset.option}.`);
      option.querySelector("input")?.after(number);
    }
    options[0]?.parentElement?.append(...options);
  }

  #ended() {
    this.#over = true;
    store.remove("class");
    this.#line.close();
  }

  /** The server was started anew: the same person joins under the same key, once the class is open again. */
  async #joinAnew() {
    const { code, key } = this.#joined;
    const { name } = this.#line.state?.me ?? this.#joined;
    try {
      const response = await fetch(`/class/${code}/members`, { method: "POST", body: JSON.stringify({ key, name }), headers: { "Content-Type": "application/json" } });
      if (response.ok) return this.#line.renew(key);
    } catch {
      // The line tries again.
    }
    if (this.#line.status === "unknown") setTimeout(() => this.#line.status === "unknown" && this.#joinAnew(), 2500 + 1500 * Math.random());
  }

  // --- what the learner does ---

  /** @param {Event} event */
  #clicked({ target }) {
    const { action = "" } = /** @type {HTMLElement | null} */ (/** @type {Element} */ (target).closest("[data-action]"))?.dataset ?? {};
    const { state } = this.#line;
    switch (action) {
      case "answer":
        if (state.ask.lesson !== document.body.dataset.lesson) return this.#go({ lesson: state.ask.lesson, heading: this.#predictionOf(state.ask.lesson) });
        document.querySelector("seewire-predict")?.scrollIntoView({ block: "center" });
        return /** @type {HTMLElement | null} */ (document.querySelector("seewire-predict input"))?.focus({ preventScroll: true });
      case "go":
        return this.#go(state.at);
      case "look":
        return location.assign(`/${document.body.dataset.lang}/captures/${state.exhibit.capture}`);
      case "show":
        return this.#line.send({ exhibit: this.#exhibit() });
      case "hide":
        return this.#line.send({ exhibit: { yes: false } });
      case "menu":
        return this.#toggle(Boolean(this.#menu.hidden));
      case "device":
        return this.#showDevice();
      case "leave":
        this.#line.send({ leave: {} });
        store.remove("class");
        this.#line.close();
        return this.#remove();
      case "dismiss":
        store.remove("class");
        return this.#remove();
    }
  }

  #remove() {
    document.documentElement.removeAttribute("data-class");
    document.documentElement.style.removeProperty("--class-bar");
    this.remove();
  }

  /** The run of this page that was the last one; undefined where none has been made. */
  get #ran() {
    const playground = /** @type {import("../playground/playground.js").Playground | null} */ (document.querySelector("seewire-playground"));
    const exercise = /** @type {import("../exercise/exercise.js").Exercise | null} */ (document.querySelector("seewire-exercise"));
    return exercise?.exhibit ?? playground?.exhibit;
  }

  /** That run as the class may see it. */
  #exhibit() {
    const run = this.#ran;
    if (!run) return undefined;
    const { capture, code } = run;
    return { yes: true, capture: capture.id, lesson: document.body.dataset.lesson ?? "", code: packCode(code), run: pack(run, capture.clockOffset) };
  }

  /** @param {boolean} open */
  #toggle(open) {
    this.#menu.hidden = !open;
    this.#name.setAttribute("aria-expanded", String(open));
    if (open) /** @type {HTMLElement | null} */ (this.#menu.querySelector("input"))?.focus();
  }

  async #showDevice() {
    const place = /** @type {HTMLElement} */ (this.#menu.querySelector("[data-part=device]"));
    const { code, key, name } = this.#joined;
    const link = `${location.origin}/c/${code}#${new URLSearchParams({ k: key, n: name })}`;
    place.replaceChildren(element("p", "note", word("class.bar.device.note")), await drawQR(link), element("code", "", link));
  }

  // --- what it is made of ---

  #make() {
    this.addEventListener("click", (event) => this.#clicked(event));
    this.addEventListener("keydown", ({ key }) => {
      if (key !== "Escape" || this.#menu.hidden) return;
      this.#toggle(false);
      this.#name.focus();
    });
    document.addEventListener("click", ({ target }) => !this.#menu.hidden && !this.contains(/** @type {Node} */ (target)) && this.#toggle(false));

    const words = element("div", "class-words");
    words.append(this.#say, this.#note);
    this.#name.dataset.action = "menu";
    this.#name.setAttribute("aria-expanded", "false");
    const me = element("div", "class-person");
    me.append(this.#name, this.#count);
    this.#follow.type = "checkbox";
    this.#follow.setAttribute("role", "switch");
    this.#follow.addEventListener("change", () => this.#line.send({ follow: this.#follow.checked }));
    const label = element("label", "class-follow");
    label.append(this.#follow, this.#following);
    this.#makeMenu();
    this.append(words, this.#actions, me, label, this.#menu, this.#told);
  }

  #makeMenu() {
    const form = /** @type {HTMLFormElement} */ (element("form", ""));
    const label = element("label", "", word("class.bar.rename"));
    const input = /** @type {HTMLInputElement} */ (element("input", ""));
    input.maxLength = 24;
    input.autocomplete = "off";
    input.value = this.#joined.name;
    label.append(input);
    const save = element("button", "button", word("class.bar.rename.save"));
    /** @type {HTMLButtonElement} */ (save).type = "submit";
    form.append(label, save);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#line.send({ name: input.value.trim() });
      this.#toggle(false);
      this.#name.focus();
    });
    const device = element("button", "button", word("class.bar.device"));
    device.dataset.action = "device";
    const leave = element("button", "button", word("class.bar.leave"));
    leave.dataset.action = "leave";
    const shown = element("div", "class-device");
    shown.dataset.part = "device";
    this.#menu.hidden = true;
    this.#menu.append(form, device, shown, leave, element("p", "note", word("class.bar.leave.note")));
  }

  /** @param {boolean} on */
  #tick(on) {
    if (on) this.#ticks ??= setInterval(() => this.update(), TICK);
    else {
      clearInterval(this.#ticks);
      this.#ticks = undefined;
    }
  }

  /**
   * Writes words into a place; {place} in them is a link to where the class is.
   * @param {HTMLElement} into
   * @param {import("./faces.js").Saying} saying
   */
  #write(into, { word: key, args = {}, text }) {
    const place = element("a", "", this.#place);
    const at = this.#line.state?.at;
    if (at) /** @type {HTMLAnchorElement} */ (place).href = `/${document.body.dataset.lang}/lessons/${at.lesson}#${at.heading}`;
    const counts = Array.isArray(args.counts) ? { counts: args.counts.map((n, i) => word("class.bar.said", { n, option: i + 1 })).join(word("class.list")), mine: args.mine ? word("class.bar.you", { option: args.mine }) : "" } : {};
    const question = this.#lessons.find(({ slug }) => slug === this.#line.state?.ask?.lesson)?.predictions?.[0]?.text ?? "";
    const said = word(key, { ...args, ...counts, question, text: text ?? "{text}", here: this.#here, place: "\u0000" });
    into.replaceChildren();
    for (const [i, part] of said.split("\u0000").entries()) into.append(...(i > 0 ? [place] : []), part);
  }

  /** The name of where the class is. */
  get #place() {
    return this.#nameOf(this.#line.state?.at);
  }

  get #here() {
    return this.#nameOf({ lesson: document.body.dataset.lesson ?? "", heading: this.#reporter.heading });
  }

  /** @param {{lesson: string, heading: string} | undefined} at */
  #nameOf(at) {
    const lesson = this.#lessons.find(({ slug }) => slug === at?.lesson);
    if (!lesson) return word("class.bar.elsewhere");
    const step = lesson.steps.find(({ id }) => id === at?.heading)?.short ?? "";
    const number = word("class.lesson", { n: lesson.number });
    if (lesson.slug === document.body.dataset.lesson) return step || number;
    return step ? word("class.place", { lesson: number, step }) : number;
  }

  /** @param {string} slug */
  #predictionOf(slug) {
    return this.#lessons.find((lesson) => lesson.slug === slug)?.predictions?.[0]?.id ?? "";
  }

  /** @param {{name: string, number: number}} person */
  #named({ name, number }) {
    return name || word("class.number", { number });
  }
}
