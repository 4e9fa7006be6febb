// @ts-check
import { element } from "../../lib/dom.js";
import { word } from "../../lib/words.js";
import { chooseControls, choosePlace, chooseRun, closeClass, named, showWho, writeMessage } from "./dialogs.js";
import { clock } from "./faces.js";
import { spaced } from "./join.js";
import { answerOf, FEW } from "./next.js";
import { ago, fails, redraw, tally, votes } from "./parts.js";
import { Teacher } from "./teacher.js";
import { sentences } from "./wave.js";

const TICK = 500; // ms

/** How long the phone says what became of a press, in ms. */
const SAID_FOR = 6000;

/** What to do next hangs on how many are right (peer instruction). */
const EXPLAIN = 0.3;
const GO_ON = 0.7;

/** The page for the teacher's phone. @param {HTMLElement} page */
export function start(page) {
  new Phone(page);
}

class Phone {
  #page;
  #teacher;
  #parts = /** @type {Record<string, HTMLElement>} */ ({});
  #said = "";
  #saidAt = -Infinity;

  /** @param {HTMLElement} page */
  constructor(page) {
    this.#page = page;
    this.#teacher = new Teacher(page.dataset.code ?? "", "phone");
    this.#make();
    this.#teacher.addEventListener("change", () => this.update());
    setInterval(() => this.update(), TICK);
  }

  update() {
    const { state, line, next, tied, done, lesson } = this.#teacher;
    if (line.status === "refused" || line.status === "over" || (!state && line.status === "unknown")) {
      const key = { over: "class.board.gone", unknown: "class.board.unknown" }[/** @type {string} */ (line.status)] ?? "class.board.refused";
      redraw(this.#page, key, () => [element("h1", "", word(key)), element("p", "", word(`${key}.note`))]);
      return;
    }
    if (!state) return;
    const { here = 0, of = 0, lost = [] } = state;
    redraw(this.#parts.count, [here, of, lost.length, line.status], () => {
      const count = element("span", "");
      count.append(element("b", "", line.status === "live" ? String(here) : "?"), ` / ${Math.max(of, here)}`);
      return lost.length > 0 ? [count, element("span", "class-trouble", `✕ ${lost.length}`)] : [count];
    });
    this.#showNow();
    const label = word(next.word, next.args);
    if (this.#parts.next.textContent !== label) this.#parts.next.textContent = label;
    this.#parts.next.setAttribute("aria-disabled", String(tied || Boolean(next.tied)));
    if (done && done.id !== this.#said) {
      this.#said = done.id;
      this.#saidAt = performance.now();
    }
    const fresh = done && performance.now() - this.#saidAt < SAID_FOR;
    const then = tied && !state.over ? word("class.board.tied") : fresh ? done.text : word(next.why, next.whyArgs);
    if (this.#parts.then.textContent !== then) this.#parts.then.textContent = then;
    const place = lesson ? word("class.lesson", { n: lesson.number }) : "";
    if (this.#parts.lesson.textContent !== place) this.#parts.lesson.textContent = place;
    const blank = word(state.wall?.blank ? "class.hand.unblank" : "class.hand.blank");
    if (this.#parts.blank.textContent !== blank) this.#parts.blank.textContent = blank;
    for (const button of this.#page.querySelectorAll("[data-hand]:not([data-hand=next], [data-hand=who], [data-hand=more], [data-hand=reopen])")) button.setAttribute("aria-disabled", String(tied));
  }

  /** What matters just now: the votes, the wave, or the exercise. */
  #showNow() {
    const { state, line, lesson } = this.#teacher;
    const question = lesson?.predictions?.[0];
    const rounds = state.question?.rounds ?? [];
    const round = rounds.at(-1);
    const [wave] = state.waves ?? [];
    const missing = (state.who ?? []).filter((/** @type {any} */ { here }) => !here).map((/** @type {any} */ person) => word("class.phone.lost", { name: named(person), ago: ago(line.now - person.lost) }));
    const lost = line.status === "live" ? "" : word("class.board.no_server", { time: clock(line.since) });
    redraw(this.#parts.now, [line.status, state.here, state.of, lost, lesson?.slug, this.#teacher.worded, round, state.exercise, wave?.sse, wave?.ws, missing, state.at?.heading, state.over, state.cutOff], () => {
      if (line.status === "unknown") {
        const reopen = element("button", "button", word("class.board.reopen"));
        reopen.dataset.hand = "reopen";
        return [element("h1", "class-trouble", word("class.board.forgotten")), element("p", "muted", word("class.board.forgotten.note")), reopen];
      }
      if (lost) return [element("h1", "class-trouble", lost), element("p", "muted", word("class.board.away.note"))];
      if (state.over) return [element("h1", "", word("class.board.over")), element("p", "muted", word("class.board.over.note"))];
      const parts = state.cutOff ? [element("p", "class-trouble", `✕ ${word("class.cut_off")}`)] : [];
      if (question && round?.open) {
        parts.push(element("h1", "", word(rounds.length > 1 ? "class.phone.second" : "class.phone.first", { n: round.voted ?? 0, of: round.of ?? state.of })), element("p", "muted", word("class.phone.only_you")));
        if (round.counts) parts.push(votes(question, [round], true), this.#advice(question, round));
        else parts.push(element("p", "muted", word("class.votes.few", { n: FEW })));
      } else if (wave && state.at?.heading !== "exercise") {
        const { sse, ws } = sentences(wave);
        parts.push(element("h1", "", word("class.wave.cut_at", { time: clock(wave.at) })));
        for (const [side, text] of [["sse", sse], ["ws", ws]]) {
          const line_ = element("p", "class-side", `${word(`side.${side}`)}: ${text}`);
          line_.dataset.side = side;
          parts.push(line_);
        }
      } else if (state.exercise?.begun) {
        parts.push(element("h1", "", word("class.exercise.title")), tally(state.exercise, state.of ?? 0), fails(state.exercise));
      } else if (question && round?.counts) {
        parts.push(element("h1", "", question.text), votes(question, rounds, true));
      } else {
        parts.push(element("h1", "", lesson?.question ?? ""), element("p", "muted", state.of ? word("class.phone.ready", { n: state.here ?? 0 }) : word("class.board.empty")));
      }
      for (const text of missing.slice(0, 4)) parts.push(element("p", "muted", text));
      return parts;
    });
  }

  /** @param {import("./course.js").Question} question @param {any} round */
  #advice(question, { counts }) {
    const all = counts.reduce((/** @type {number} */ a, /** @type {number} */ b) => a + b, 0);
    const right = counts[question.answer - 1] ?? 0;
    const share = right / Math.max(1, all);
    return element("p", "class-advice", word(share < EXPLAIN ? "class.phone.explain" : share <= GO_ON ? "class.phone.talk" : "class.phone.go_on", { n: right, of: all }));
  }

  /** @param {string} name */
  #hand(name) {
    const teacher = this.#teacher;
    const lesson = teacher.lesson?.slug ?? "";
    const [kind, how] = name.split(" ");
    navigator.vibrate?.(15);
    switch (kind) {
      case "next": {
        const { next } = teacher;
        if (next.hand) return teacher.press(next.hand);
        return next.name === "close" ? closeClass(teacher) : teacher.press({ wall: { shows: "code", blank: false } });
      }
      case "run":
        return teacher.press({ run: { lesson, controls: teacher.controls } });
      case "bring":
        return choosePlace(teacher);
      case "reopen":
        return teacher.reopen();
      case "cut":
        return teacher.press({ cut: { how } });
      case "who":
        return showWho(teacher);
      case "blank":
        return teacher.press({ wall: { shows: teacher.state.wall?.shows ?? "code", blank: !teacher.state.wall?.blank } });
      case "more":
        this.#parts.more.hidden = !this.#parts.more.hidden;
        this.#parts.moreButton.setAttribute("aria-expanded", String(!this.#parts.more.hidden));
        return;
      case "ask":
        return teacher.press({ ask: { lesson } });
      case "answer":
        return teacher.press({ answer: answerOf(teacher.state, lesson) });
      case "message":
        return writeMessage(teacher);
      case "exhibit":
        return chooseRun(teacher);
      case "change":
        return chooseControls(teacher);
      case "close":
        return closeClass(teacher);
    }
  }

  #make() {
    const hand = (/** @type {string} */ name, /** @type {string} */ key, kind = "") => {
      const button = element("button", `button ${kind}`, key && word(key));
      button.dataset.hand = name;
      return button;
    };
    const parts = this.#parts;
    const head = element("header", "class-head");
    parts.count = element("span", "class-people-line");
    head.append(element("span", "class-codeword", spaced(this.#teacher.code)), parts.count, hand("who", "class.board.who", "small"));
    parts.now = element("main", "class-now");
    parts.next = hand("next", "", "primary class-big");
    parts.then = element("p", "class-then");
    parts.then.setAttribute("role", "status");
    const two = element("div", "class-two");
    two.append(hand("run", "class.phone.run"), hand("bring", "class.phone.bring"));
    const four = element("div", "class-four");
    four.append(...["reset", "end", "silence", "restart"].map((how) => hand(`cut ${how}`, `class.cut.${how}`, "class-cut")));
    parts.more = element("div", "class-two");
    parts.more.hidden = true;
    parts.more.append(hand("ask", "class.hand.ask"), hand("answer", "class.hand.answer"), hand("message", "class.hand.message"), hand("exhibit", "class.hand.exhibit"), hand("change", "class.hand.change"), hand("close", "class.hand.close"));
    four.firstElementChild?.prepend("✕ ");
    const hands = element("div", "class-thumb");
    hands.append(parts.next, parts.then, two, element("p", "muted", word("class.group.cut")), four, parts.more);
    const foot = element("footer", "class-phone-foot");
    parts.lesson = element("span", "muted");
    parts.blank = hand("blank", "class.hand.blank");
    parts.moreButton = hand("more", "class.phone.more", "quiet");
    parts.moreButton.setAttribute("aria-expanded", "false");
    foot.append(parts.lesson, parts.blank, parts.moreButton);
    this.#page.replaceChildren(head, parts.now, hands, foot);
    this.#page.addEventListener("click", ({ target }) => {
      const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (target).closest("[data-hand]"));
      if (button && button.getAttribute("aria-disabled") !== "true") this.#hand(button.dataset.hand ?? "");
    });
  }
}
