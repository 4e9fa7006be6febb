// @ts-check
import * as store from "../../lib/store.js";
import { word } from "../../lib/words.js";
import { course, wordsOf } from "./course.js";
import { Line } from "./line.js";
import { nextOf } from "./next.js";
import { secretOf } from "./secret.js";

/**
 * What the teacher's pages have in common. Fires "change" when something is to be
 * drawn again.
 */
export class Teacher extends EventTarget {
  /** @type {import("./course.js").Lesson[]} */
  lessons = [];

  /** Where "Bring here" leads; undefined for where the class is. @type {{lesson: string, heading: string} | undefined} */
  target;

  /** What is set on every screen, by lesson. @type {Record<string, Record<string, string>>} */
  #controls = {};

  /** The experiment whose words are there. */
  worded = "";

  /** What became of the last hand. @type {{id: string, hand: string, text: string, trouble: boolean} | undefined} */
  done;

  code;
  secret;
  line;

  /** @param {string} code @param {"board" | "wall" | "phone"} role */
  constructor(code, role) {
    super();
    this.code = code.toUpperCase();
    this.secret = secretOf(this.code);
    this.line = new Line(this.code, role, this.secret);
    this.line.addEventListener("state", () => this.#stated());
    this.line.addEventListener("status", () => this.#changed());
    this.line.addEventListener("done", (event) => this.#hand(/** @type {CustomEvent} */ (event).detail));
    course().then((lessons) => {
      this.lessons = lessons;
      if (this.state) this.#stated();
    });
  }

  get state() {
    return this.line.state;
  }

  /** The lesson in hand, or the one that the class is to begin with. */
  get lesson() {
    const slug = this.state?.at?.lesson ?? store.read(`class/lesson/${this.code}`) ?? this.lessons[0]?.slug;
    return this.lessons.find((lesson) => lesson.slug === slug);
  }

  /** What comes next. */
  get next() {
    return nextOf(this.state, this.lesson, this.controls);
  }

  /** What Run sets on every screen, beside what the lesson sets. */
  get controls() {
    return this.#controls[this.lesson?.slug ?? ""] ?? {};
  }

  set controls(values) {
    this.#controls[this.lesson?.slug ?? ""] = values;
    this.#changed();
  }

  /** Where "Bring here" leads. */
  get place() {
    return this.target ?? this.state?.at ?? { lesson: this.lesson?.slug ?? "", heading: this.lesson?.steps[0]?.id ?? "" };
  }

  /** Whether hands can be pressed. */
  get tied() {
    return this.line.status !== "live" || Boolean(this.state?.over);
  }

  /** Does something in the class. @param {object} hand */
  press(hand) {
    return this.line.hand(hand);
  }

  /** The results, as a file that the browser saves. @param {"csv" | "json"} format */
  async save(format) {
    const response = await fetch(`/class/${this.code}/results.${format}`, { headers: { Authorization: `Bearer ${this.secret}` } });
    if (!response.ok) return false;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await response.blob());
    link.download = `class-${this.code}.${format}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    return true;
  }

  /** Opens the class again under its code, after a server that has forgotten it. */
  async reopen() {
    const body = JSON.stringify({ code: this.code, key: this.secret });
    const response = await fetch("/class", { method: "POST", body, headers: { "Content-Type": "application/json" } }).catch(() => undefined);
    if (response?.ok) this.line.renew(this.secret);
  }

  async #stated() {
    if (this.target?.lesson === this.state.at?.lesson && this.target?.heading === this.state.at?.heading) this.target = undefined;
    this.#changed();
    const experiment = this.lesson?.experiment ?? "";
    if (this.worded === experiment) return;
    try {
      await wordsOf(experiment);
    } catch {
      return; // the next state tries again
    }
    this.worded = experiment;
    this.#changed();
  }

  /** @param {{id: string, hand: string, n?: number, of?: number, stayed?: number, again?: boolean, error?: string}} done */
  #hand({ id, hand, n = 0, of = 0, stayed = 0, again, error }) {
    if (again) return;
    const counted = ["bring", "ask", "run", "cut", "message", "hint", "answer"].includes(hand);
    const known = ["lesson", "nobody", "nothing-asked", "text", "votes-few"].includes(error ?? "") ? error : "other";
    const text = error ? word(`class.error.${known}`) : !counted ? word("class.done") : word(stayed ? "class.done.stayed" : "class.done.have", { n, of, stayed });
    this.done = { id, hand, text, trouble: Boolean(error) };
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
