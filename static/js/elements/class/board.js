// @ts-check
import { element } from "../../lib/dom.js";
import { word } from "../../lib/words.js";
import { chooseControls, chooseRun, closeClass, named, showPhone, showWho, writeMessage } from "./dialogs.js";
import { clock } from "./faces.js";
import { spaced } from "./join.js";
import { answerOf, FEW } from "./next.js";
import { ago, arrivals, cells, exhibited, fails, measurements, ofAll, outcomes, presence, redraw, tally, votes } from "./parts.js";
import { drawQR } from "./qr.js";
import { Teacher } from "./teacher.js";
import { drawWave, RUNS_FOR } from "./wave.js";

/** How often what has a clock in it is drawn again, in ms. */
const TICK = 200;

/** How the words of the results of a hand stay, in ms. */
const SAID_FOR = 6000;

/** After a silent cut nothing is noticed for so long, in ms; then it is said. */
const SILENT = 10_000;

/** What the wall can show, and nothing. */
const walls = ["code", "question", "votes", "runs", "wave", "exercise", "measured", "exhibit", "program", "message", "blank"];

const cuts = ["reset", "end", "silence", "restart"];

/** The teacher's own screen. @param {HTMLElement} page */
export function start(page) {
  new Board(page);
}

class Board {
  #teacher;
  #page;
  #addresses;
  #address = 0;
  #begun = false;
  /** Which wave is looked at, from the newest. */
  #wave = 0;
  #newest = 0;
  #saidAt = 0;
  #said = "";
  /** The group of hands that was pressed last. @type {HTMLElement | undefined} */
  #pressed;
  #parts = /** @type {Record<string, HTMLElement>} */ ({});

  /** @param {HTMLElement} page */
  constructor(page) {
    this.#page = page;
    this.#addresses = (page.dataset.addresses || location.origin).split(" ");
    this.#teacher = new Teacher(page.dataset.code ?? "", "board");
    this.#begun = sessionStorage.getItem(`seewire/class-begun/${this.#teacher.code}`) === "yes";
    this.#make();
    this.#teacher.addEventListener("change", () => this.update());
    setInterval(() => this.update(), TICK);
    document.addEventListener("keydown", (event) => this.#key(event));
  }

  update() {
    const { state, line } = this.#teacher;
    if (line.status === "refused" || (line.status === "over" && !state)) {
      redraw(this.#page, line.status, () => [this.#alone(line.status === "over" ? "class.board.gone" : "class.board.refused")]);
      return;
    }
    if (!state) {
      if (line.status === "unknown") redraw(this.#page, "unknown", () => [this.#alone("class.board.unknown", true)]);
      return;
    }
    if (!this.#parts.board.isConnected) this.#page.replaceChildren(this.#parts.code, this.#parts.board);
    const begun = this.#begun || Boolean(state.at);
    this.#parts.code.hidden = begun;
    this.#parts.board.hidden = !begun;
    if (begun) this.#showBoard();
    else this.#showCode();
  }

  // --- the code, which may go on the wall ---

  #showCode() {
    const { state, code, lesson } = this.#teacher;
    const address = this.#addresses[this.#address % this.#addresses.length];
    const place = this.#parts.codeWords;
    redraw(place, [address, lesson?.number, state.here, state.own, state.lost?.length], () => {
      const kicker = element("p", "class-kicker", word("class.code.since", { n: lesson?.number ?? 1, time: clock(state.since).slice(0, 5) }));
      const here = element("p", "class-present");
      here.append(state.here ? word("class.code.here", { n: state.here }) : word("class.code.nobody"), presence(state));
      return [
        kicker,
        element("p", "class-do", word("class.code.go")), element("p", "class-address", `${address.replace(/^https?:\/\//, "")}/c`),
        element("p", "class-do", word("class.code.type")), element("p", "class-letters", spaced(code)),
        element("p", "class-do", word("class.code.letters")), here,
      ];
    });
    redraw(this.#parts.codeQR, address, () => {
      drawQR(`${address}/c/${code}#i=${state.invite}`).then((drawing) => this.#parts.codeQR.replaceChildren(drawing, element("figcaption", "", word("class.code.camera"))));
      return [];
    });
    this.#parts.another.hidden = this.#addresses.length < 2;
    this.#parts.another.textContent = word("class.code.another", { n: this.#addresses.length });
  }

  // --- the board ---

  #showBoard() {
    const { state, line, lesson, tied } = this.#teacher;
    this.#showHead();
    this.#showPlaces();
    this.#showBanner();
    const question = lesson?.predictions?.[0];
    const rounds = state.question?.lesson === lesson?.slug ? (state.question?.rounds ?? []) : [];
    redraw(this.#parts.prediction, [lesson?.slug, rounds, state.question?.moved, state.answers, state.of], () => this.#prediction(question, rounds));
    redraw(this.#parts.runs, [lesson?.slug, this.#teacher.worded, state.runs, state.of], () => this.#runs());
    this.#showWave();
    redraw(this.#parts.message, state.message, () => (state.message?.text ? [this.#header(word("class.message.card"), ""), element("p", "class-quote", state.message.text), arrivals(state.message)] : []));
    this.#parts.message.hidden = !state.message?.text;
    redraw(this.#parts.exhibit, [state.exhibit, state.who?.length], () => this.#exhibit());
    this.#parts.exhibit.hidden = !state.exhibit;
    redraw(this.#parts.measured, state.measured, () => [this.#header(word("class.measured.title"), ""), measurements(state.measured ?? [])]);
    this.#parts.measured.hidden = !state.measured?.length;
    const exercise = state.exercise ?? {};
    redraw(this.#parts.exercise, [lesson?.slug, this.#teacher.worded, exercise, state.of], () => {
      const step = lesson?.steps.find(({ id }) => id === "exercise");
      const begun = (exercise.begun ?? 0) > 0 ? word("class.exercise.begun", ofAll(exercise.begun, state)) : word("class.exercise.nobody");
      const counts = element("div", "");
      counts.append(cells(exercise, state.of ?? 0), tally(exercise, state.of ?? 0));
      const grid = element("div", "class-exercise");
      grid.append(counts, fails(exercise));
      return [this.#header(step?.text ?? word("class.exercise.title"), begun), grid];
    });
    this.#parts.exercise.hidden = !lesson?.exercises?.length;
    this.#showHands(tied);
    this.#page.toggleAttribute("data-lost", line.status !== "live");
  }

  #showHead() {
    const { state, line } = this.#teacher;
    const live = line.status === "live";
    const { here = 0, of = 0, lost = [] } = state;
    const trouble = !live ? word("class.board.no_server", { time: clock(line.since) }) : lost.length > 0 ? word("class.board.lost", { n: lost.length, ago: ago(line.now - Math.min(...lost)) }) : "";
    redraw(this.#parts.people, [here, of, state.own, lost.length, live, trouble], () => {
      if (here + lost.length === 0 && live) return [element("span", "muted", word("class.board.nobody"))];
      const count = element("span", "");
      if (!live) count.append(element("b", "", "?"), ` / ${of}`);
      else if (here === of && lost.length === 0) count.append(element("b", "", String(here)), ` ${word("class.board.here")}`);
      else count.append(element("b", "", String(here)), ` / ${Math.max(of, here)}`);
      return [presence(state, live), count, ...(trouble ? [element("span", "class-trouble", `✕ ${trouble}`)] : [])];
    });
    const minutes = Math.floor((line.now - state.since) / 60_000);
    const text = word("class.board.minutes", { n: minutes });
    if (this.#parts.minutes.textContent !== text) this.#parts.minutes.textContent = text;
    const shows = /** @type {HTMLSelectElement} */ (this.#parts.shows);
    const shown = state.wall?.blank ? "blank" : (state.wall?.shows ?? "code");
    if (shows.value !== shown && document.activeElement !== shows) shows.value = shown;
  }

  #showPlaces() {
    const { state, lesson, lessons, target, place } = this.#teacher;
    const select = /** @type {HTMLSelectElement} */ (this.#parts.lesson);
    if (select.options.length !== lessons.length) {
      select.replaceChildren(...lessons.map(({ slug, number }) => {
        const option = /** @type {HTMLOptionElement} */ (element("option", "", word("class.lesson", { n: number })));
        option.value = slug;
        return option;
      }));
    }
    const shown = lessons.find(({ slug }) => slug === place.lesson) ?? lesson;
    if (shown && select.value !== shown.slug) select.value = shown.slug;
    redraw(this.#parts.title, shown?.question, () => [shown?.question ?? ""]);
    redraw(this.#parts.steps, [shown?.slug, state.at, target, state.where], () =>
      (shown?.steps ?? []).map(({ id, short, text }) => {
        const item = element("li", "");
        const step = element("button", "", short);
        step.title = text;
        const n = shown?.slug === state.at?.lesson ? (state.where?.[id] ?? 0) : 0;
        if (n > 0) step.append(element("b", "", String(n)));
        if (shown?.slug === state.at?.lesson && id === state.at?.heading) step.setAttribute("aria-current", "step");
        step.setAttribute("aria-pressed", String(place.lesson === shown?.slug && place.heading === id));
        step.addEventListener("click", () => {
          this.#teacher.target = { lesson: shown?.slug ?? "", heading: id };
          this.update();
        });
        item.append(step);
        return item;
      }));
  }

  /** What is more important than the rest just now. */
  #showBanner() {
    const { state, line, next } = this.#teacher;
    const banner = this.#parts.banner;
    const [wave] = state.waves ?? [];
    const age = wave ? line.now - wave.at : Infinity;
    /** @type {{head: string, note?: string, action?: string, trouble?: boolean} | undefined} */
    let say;
    if (line.status === "unknown") say = { head: "class.board.forgotten", note: "class.board.forgotten.note", action: "reopen", trouble: true };
    else if (line.status !== "live") say = { head: "class.board.away", note: "class.board.away.note", trouble: true };
    else if (state.over) say = { head: "class.board.over", note: "class.board.over.note", action: "close" };
    else if (state.cutOff) say = { head: "class.cut_off", trouble: true };
    else if (!state.of && !state.at) say = { head: "class.board.empty", note: this.#addresses.length > 1 ? "class.board.empty.addresses" : "class.board.empty.note" };
    else if (wave?.how === "silence" && age > SILENT && age < 90_000) say = { head: "class.board.silence", note: "class.board.silence.note" };
    const open = (state.question?.rounds ?? []).find((/** @type {any} */ round) => round.open);
    const thinks = [...(wave?.sse ?? []), ...(wave?.ws ?? [])].filter(({ back, state: now }) => back === undefined && now === "open").length;
    const args = { time: clock(line.since), addresses: this.#addresses.map((address) => address.replace(/^https?:\/\//, "")).join(word("class.list")), n: open?.voted ?? 0, thinks };
    banner.hidden = !say;
    redraw(banner, [say, args, next.name], () => {
      if (!say) return [];
      banner.toggleAttribute("data-trouble", Boolean(say.trouble));
      const words = element("div", "");
      words.append(element("h2", "", word(say.head, args)), ...(say.note ? [element("p", "note", word(say.note, args))] : []));
      if (!say.action) return [words];
      const button = element("button", "button", word(`class.board.${say.action}`));
      button.dataset.hand = say.action;
      return [words, button];
    });
  }

  /** @param {import("./course.js").Question | undefined} question @param {any[]} rounds */
  #prediction(question, rounds) {
    const { state } = this.#teacher;
    if (!question) return [this.#header(word("class.votes.title"), word("class.votes.no_question"))];
    const last = rounds.at(-1);
    const shown = rounds.filter(({ counts }) => counts);
    const count = !last ? word("class.votes.not_asked") : last.open ? word("class.votes.voted", { n: last.voted ?? 0, of: last.of ?? state.of }) : word(rounds.length > 1 ? "class.votes.twice" : "class.votes.once", { n: last.voted ?? 0, of: last.of ?? state.of });
    const header = this.#header(word("class.votes.title"), count);
    if (shown.length > 0) {
      const hide = element("button", "button small", word("class.votes.hide"));
      hide.dataset.hand = "hide";
      header.append(hide);
    }
    const parts = [header, element("p", "class-question", question.text), votes(question, shown, state.answers?.includes(state.at?.lesson) || shown.length > 1)];
    if (last?.open) parts.push(element("p", "note", word((last.voted ?? 0) < FEW ? "class.votes.few" : "class.votes.hidden")));
    const { moved } = state.question ?? {};
    if (moved) {
      const line = element("p", "class-moved");
      line.append(element("b", "", word("class.votes.to", { n: moved.to ?? 0 })), word("class.votes.away", { n: moved.away ?? 0 }));
      parts.push(line);
    }
    return parts;
  }

  #runs() {
    const { state } = this.#teacher;
    const ran = state.runs?.ran ?? 0;
    return [this.#header(word("class.runs.title"), ran ? word("class.runs.ran", ofAll(ran, state)) : word("class.runs.nobody")), outcomes(state.runs)];
  }

  #showWave() {
    const { state, line, lesson } = this.#teacher;
    const waves = state.waves ?? [];
    if (waves[0] && waves[0].id !== this.#newest) {
      this.#newest = waves[0].id;
      this.#wave = 0;
    }
    const wave = waves[Math.min(this.#wave, waves.length - 1)];
    const place = this.#parts.wave;
    if (!wave) {
      redraw(place, lesson?.slug, () => [this.#header(word("class.wave.title"), ""), element("p", "note", word("class.wave.empty"))]);
      return;
    }
    const age = line.now - wave.at;
    const going = age < RUNS_FOR ? Math.floor(age / TICK) : -1;
    redraw(place, [wave, going, waves.length, place.clientWidth], () => {
      const header = this.#header(word("class.wave.cut_at", { time: clock(wave.at) }), [word(`class.cut.${wave.how}.said`), wave.lines < wave.here ? word("class.wave.lines", { n: wave.lines, of: wave.here }) : word("class.wave.reached", { n: wave.lines, ms: Math.max(1, Math.round(wave.reached ?? 0)) }), word("class.wave.mark")].join(" · "));
      if (waves.length > 1) {
        const back = element("span", "class-waves");
        for (const [i, { at }] of waves.entries()) {
          const button = element("button", "button small", clock(at));
          button.setAttribute("aria-pressed", String(i === this.#wave));
          button.addEventListener("click", () => {
            this.#wave = i;
            this.#showWave();
          });
          back.append(button);
        }
        header.append(back);
      }
      const width = Math.max(560, place.clientWidth - 32);
      return [header, drawWave(wave, { age, retry: this.#retry, sizes: { width, font: 14, cell: 7.5, left: Math.min(220, width * 0.27), right: 180 } })];
    });
  }

  /** What `retry:` the last run sets, in ms; 0 for none; undefined where it is not known. */
  get #retry() {
    const { state, lesson } = this.#teacher;
    const control = lesson?.controls?.find(({ name }) => name === "retry");
    return control ? Number(state.run?.controls?.retry ?? control.initial) : undefined;
  }

  #exhibit() {
    const { exhibit, who = [] } = this.#teacher.state;
    if (!exhibit) return [];
    const asked = who.find((/** @type {any} */ { number }) => number === exhibit.asked);
    if (exhibit.number) return [this.#header(word("class.exhibit.of", { name: named(exhibit) }), ""), ...exhibited(exhibit)];
    return [this.#header(word("class.exhibit.title"), word(exhibit.refused ? "class.exhibit.refused" : "class.exhibit.asked", { name: asked ? named(asked) : "" }))];
  }

  // --- hands ---

  /** @param {boolean} tied */
  #showHands(tied) {
    const { state, next, controls, lesson, done } = this.#teacher;
    const primary = /** @type {HTMLButtonElement} */ (this.#parts.next);
    const label = word(next.word, next.args);
    if (this.#parts.nextWords.textContent !== label) this.#parts.nextWords.textContent = label;
    primary.setAttribute("aria-disabled", String(tied || Boolean(next.tied)));
    const set = (lesson?.controls ?? []).filter(({ name }) => name in controls).map(({ label: text, name }) => `${text} ${controls[name]}`).join(word("class.list"));
    const groups = { next: word(next.why, next.whyArgs), all: set ? word("class.group.all_set", { set }) : word("class.group.all"), cut: word("class.group.cut"), show: word("class.group.show"), end: "\u00a0" };
    if (done && done.id !== this.#said) {
      this.#said = done.id;
      this.#saidAt = performance.now();
    }
    const fresh = done && performance.now() - this.#saidAt < SAID_FOR;
    for (const [name, text] of Object.entries(groups)) {
      const group = this.#parts[`group-${name}`];
      const says = fresh && group === this.#pressed;
      const shown = tied && name === "next" ? word("class.board.tied") : says ? done.text : text;
      const place = /** @type {HTMLElement} */ (group.querySelector("span"));
      if (place.textContent !== shown) place.textContent = shown;
      place.toggleAttribute("data-trouble", Boolean(says && done.trouble));
      place.toggleAttribute("data-done", Boolean(says && !done.trouble));
    }
    if (fresh && this.#parts.told.textContent !== done.text) this.#parts.told.textContent = done.text;
    for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (this.#parts.hands.querySelectorAll("[data-hand]"))) {
      if (button !== primary) button.setAttribute("aria-disabled", String(tied && button.dataset.hand !== "close"));
    }
    this.#parts.askAgain.textContent = word((state.question?.rounds ?? []).length > 0 ? "class.hand.ask_again" : "class.hand.ask");
    this.#parts.change.hidden = !lesson?.controls?.length;
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key !== " " || event.repeat || this.#parts.board.hidden) return;
    const target = /** @type {Element} */ (event.target);
    if (target.closest("dialog, input, textarea, select, button, a, summary")) return;
    event.preventDefault();
    this.#hand("next");
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-hand]"));
    if (!button || button.getAttribute("aria-disabled") === "true") return;
    // After a pointer's press the space bar is free for what comes next.
    if (event.detail > 0) button.blur();
    this.#pressed = /** @type {HTMLElement | undefined} */ (button.closest(".class-hands > div") ?? undefined);
    this.#hand(button.dataset.hand ?? "");
  }

  /** @param {string} name */
  #hand(name) {
    const teacher = this.#teacher;
    const lesson = teacher.lesson?.slug ?? "";
    const [kind, how] = name.split(" ");
    switch (kind) {
      case "next": {
        const { next } = teacher;
        if (teacher.tied || next.tied) return;
        this.#pressed = this.#parts["group-next"];
        if (next.hand) return teacher.press(next.hand);
        return next.name === "close" ? closeClass(teacher) : this.#openWall();
      }
      case "bring": {
        const { place } = teacher;
        return teacher.press({ bring: place });
      }
      case "run":
        return teacher.press({ run: { lesson, controls: teacher.controls } });
      case "ask":
        return teacher.press({ ask: { lesson } });
      case "cut":
        return teacher.press({ cut: { how } });
      case "hide":
        return teacher.press({ votes: { shown: false } });
      case "answer":
        return teacher.press({ answer: answerOf(teacher.state, lesson) });
      case "exhibit":
        return chooseRun(teacher);
      case "message":
        return writeMessage(teacher);
      case "close":
        return closeClass(teacher);
      case "change":
        return chooseControls(teacher);
      case "who":
        return showWho(teacher);
      case "phone":
        return showPhone(teacher, this.#addresses[this.#address % this.#addresses.length]);
      case "begin":
        this.#begun = true;
        sessionStorage.setItem(`seewire/class-begun/${teacher.code}`, "yes");
        return this.update();
      case "another":
        this.#address++;
        return this.update();
      case "reopen":
        return teacher.reopen();
    }
  }

  #openWall() {
    const { state } = this.#teacher;
    if (state?.wall?.shows !== "code") this.#teacher.press({ wall: { shows: "code", blank: false } });
    open(this.#wallAddress, "_blank", "noopener");
  }

  get #wallAddress() {
    return `/${document.body.dataset.lang}/class/${this.#teacher.code}/wall`;
  }

  // --- what it is made of ---

  /** @param {string} title @param {string} note */
  #header(title, note) {
    const header = element("header", "");
    header.append(element("h2", "", title), element("span", "muted", note));
    return header;
  }

  /** What is on the wall, to be seen and to be chosen. */
  #wallChoice() {
    const select = /** @type {HTMLSelectElement} */ (element("select", ""));
    select.setAttribute("aria-label", word("class.board.wall"));
    for (const name of walls) {
      const option = /** @type {HTMLOptionElement} */ (element("option", "", word("class.board.wall_shows", { what: word(`class.wall.shows.${name}`) })));
      option.value = name;
      select.append(option);
    }
    select.addEventListener("change", () => {
      const blank = select.value === "blank";
      this.#teacher.press({ wall: { shows: blank ? (this.#teacher.state?.wall?.shows ?? "code") : select.value, blank } });
      select.blur();
    });
    return (this.#parts.shows = select);
  }

  /** A page that has nothing but a sentence. @param {string} key @param {boolean} [reopen] */
  #alone(key, reopen = false) {
    const box = element("div", "class-alone");
    box.append(element("h1", "", word(key)), element("p", "", word(`${key}.note`)));
    if (reopen && this.#teacher.secret) {
      const button = element("button", "button primary", word("class.board.reopen"));
      button.dataset.hand = "reopen";
      box.append(button);
    }
    const link = /** @type {HTMLAnchorElement} */ (element("a", "button", word("class.open.title")));
    link.href = `/${document.body.dataset.lang}/class`;
    box.append(link);
    return box;
  }

  #make() {
    const parts = this.#parts;
    const part = (/** @type {string} */ name, /** @type {string} */ tag, /** @type {string} */ className) => (parts[name] = element(tag, className));
    const hand = (/** @type {string} */ name, /** @type {string} */ key, kind = "") => {
      const button = element("button", `button ${kind}`, key && word(key));
      button.dataset.hand = name;
      return button;
    };
    const wallLink = () => {
      const link = /** @type {HTMLAnchorElement} */ (element("a", "button small", word("class.board.projector")));
      link.href = this.#wallAddress;
      link.target = "_blank";
      return link;
    };

    const code = part("code", "main", "class-code-page");
    const words = part("codeWords", "div", "class-code-words");
    const qr = part("codeQR", "figure", "class-code-qr");
    const begin = element("div", "class-code-actions");
    parts.another = hand("another", "");
    const toWall = wallLink();
    toWall.className = "button";
    begin.append(hand("begin", "class.code.begin", "primary"), toWall, parts.another, hand("phone", "class.board.phone"), element("p", "note", word("class.code.no_secret")));
    code.append(words, qr, begin);

    const board = part("board", "div", "class-board-page");
    const head = element("header", "class-head");
    const brand = /** @type {HTMLAnchorElement} */ (element("a", "brand", ""));
    brand.href = `/${document.body.dataset.lang}/`;
    const see = element("span", "", "See");
    see.dataset.side = "sse";
    const wire = element("span", "", "wire");
    wire.dataset.side = "ws";
    brand.append(see, wire);
    const address = element("span", "class-addr", `${this.#addresses[0].replace(/^https?:\/\//, "")}/c`);
    const people = part("people", "span", "class-people-line");
    head.append(brand, element("span", "class-codeword", spaced(this.#teacher.code)), address, people, part("minutes", "span", "muted"), this.#wallChoice(), hand("who", "class.board.who", "small"), wallLink(), hand("phone", "class.board.phone", "small"));

    const nav = element("nav", "class-places-line");
    nav.setAttribute("aria-label", word("class.board.places"));
    const select = part("lesson", "select", "");
    select.setAttribute("aria-label", word("class.board.lesson"));
    select.addEventListener("change", () => {
      const slug = /** @type {HTMLSelectElement} */ (select).value;
      const chosen = this.#teacher.lessons.find((lesson) => lesson.slug === slug);
      this.#teacher.target = { lesson: slug, heading: chosen?.steps[0]?.id ?? "" };
      this.update();
    });
    nav.append(select, part("title", "h1", ""), part("steps", "ol", ""));

    const main = element("main", "class-cards");
    const left = element("div", "");
    left.append(part("prediction", "section", "class-card"), part("runs", "section", "class-card"));
    const right = element("div", "");
    right.append(part("wave", "section", "class-card class-wave-card"), part("message", "section", "class-card"), part("exhibit", "section", "class-card"), part("exercise", "section", "class-card"), part("measured", "section", "class-card"));
    main.append(left, right);

    const hands = part("hands", "footer", "class-hands");
    const group = (/** @type {string} */ name, /** @type {HTMLElement[]} */ buttons) => {
      const box = part(`group-${name}`, "div", `class-group class-group-${name}`);
      const row = element("div", "");
      row.append(...buttons);
      box.append(element("span", ""), row);
      return box;
    };
    parts.next = hand("next", "", "primary");
    parts.nextWords = element("span", "");
    const key = element("kbd", "", "␣");
    key.title = word("class.hand.space");
    parts.next.append(parts.nextWords, key);
    parts.askAgain = hand("ask", "");
    parts.change = hand("change", "class.hand.change");
    parts.change.className = "class-link";
    const cutting = cuts.map((how) => hand(`cut ${how}`, `class.cut.${how}`, "class-cut"));
    cutting[0].prepend("✕ ");
    hands.append(
      group("next", [parts.next]),
      group("all", [hand("bring", "class.hand.bring"), hand("run", "class.hand.run"), parts.askAgain]),
      group("cut", cutting),
      group("show", [hand("answer", "class.hand.answer"), hand("exhibit", "class.hand.exhibit"), hand("message", "class.hand.message")]),
      group("end", [hand("close", "class.hand.close", "quiet")]),
    );
    parts["group-all"].querySelector("span")?.after(parts.change);
    const told = part("told", "p", "visually-hidden");
    told.setAttribute("role", "status");
    board.append(head, nav, part("banner", "section", "class-banner"), main, hands, told);
    code.hidden = board.hidden = true;
    this.#page.addEventListener("click", (event) => this.#clicked(/** @type {MouseEvent} */ (event)));
  }
}
