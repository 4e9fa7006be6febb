// @ts-check
import { element } from "../../lib/dom.js";
import { word } from "../../lib/words.js";
import { spaced } from "./join.js";
import { arrivals, cells, countDots, exhibited, fails, measurements, ofAll, outcomes, presence, redraw, tally, votes } from "./parts.js";
import { drawQR } from "./qr.js";
import { Teacher } from "./teacher.js";
import { drawWave, RUNS_FOR } from "./wave.js";

/** How often what has a clock in it is drawn again, in ms. */
const TICK = 100;

/** The page that the wall is drawn for: it is scaled to the projector's. */
const WIDTH = 1760;

/** So much of it is left for the wave under its title. */
const HEIGHT = 790;

/** So many times as large as on a page a timeline is drawn, at 1920 × 1080. */
const TIMELINE = 1.6;

/** The page for the projector: one thing at a time, no name, nothing to press. @param {HTMLElement} page */
export function start(page) {
  const address = (page.dataset.addresses || location.origin).split(" ")[0];
  const teacher = new Teacher(page.dataset.code ?? "", "wall");
  const main = element("main", "class-wall-main");
  const foot = element("footer", "class-wall-foot");
  const here = element("span", "");
  foot.append(element("span", "class-codeword", spaced(teacher.code)), element("span", "class-addr", `${address.replace(/^https?:\/\//, "")}/c`), here);
  const qr = element("figure", "class-code-qr");
  page.replaceChildren(main, foot);

  const show = () => {
    const { state, line } = teacher;
    if (line.status === "refused" || line.status === "over" || (!state && line.status === "unknown")) {
      redraw(main, line.status, () => [element("h1", "", word(line.status === "over" ? "class.bar.over" : "class.wall.refused"))]);
      return;
    }
    if (!state) return;
    page.toggleAttribute("data-lost", line.status !== "live");
    page.toggleAttribute("data-blank", Boolean(state.wall?.blank));
    const count = word("class.wall.here", { n: state.here ?? 0 });
    const present = line.status !== "live" ? word("class.wall.no_server") : state.cutOff ? `${count} · ${word("class.cut_off")}` : count;
    if (here.textContent !== present) here.textContent = present;
    const shows = state.over ? "over" : (state.wall?.shows ?? "code");
    page.dataset.shows = shows;
    const { data, make } = (views[shows] ?? views.code)(teacher, { address, qr });
    if (redraw(main, [shows, teacher.worded, data], make)) {
      main.removeAttribute("data-tight");
      main.toggleAttribute("data-tight", main.scrollHeight > main.clientHeight);
    }
    if (state.exhibit?.code) fitCode(main);
  };
  teacher.addEventListener("change", show);
  setInterval(show, TICK);
}

/**
 * A run from the class: its code, and its timeline under that where it is wanted.
 * @param {any} exhibit
 * @param {boolean} timed
 */
function shown(exhibit, timed) {
  const run = element("div", "class-wall-exhibit");
  run.append(...exhibited(exhibit ?? {}).filter((part) => part.matches(timed ? "figure, seewire-class-run" : "figure")));
  for (const code of run.querySelectorAll("code")) {
    code.replaceChildren(...(code.textContent ?? "").trimEnd().split("\n").map((line) => element("span", "", line || " ")));
    code.closest("figure")?.append(element("p", "class-code-rest", ""));
  }
  const timeline = /** @type {HTMLElement | null} */ (run.querySelector("seewire-class-run"));
  if (timeline) timeline.style.zoom = String(TIMELINE * Math.min(innerHeight / 1080, innerWidth / 1920));
  return [element("h1", "", word("class.wall.exhibit")), run];
}

/** Hides the lines of code that have no room on the wall, and says how many these are. @param {HTMLElement} main */
function fitCode(main) {
  for (const figure of main.querySelectorAll(".class-code")) {
    const box = /** @type {HTMLElement} */ (figure.querySelector("pre")).getBoundingClientRect();
    let left = 0;
    for (const line of /** @type {NodeListOf<HTMLElement>} */ (figure.querySelectorAll("code > span"))) {
      const { bottom, right } = line.getBoundingClientRect();
      const fits = bottom <= box.bottom && right <= box.right;
      if (!fits) left++;
      line.style.visibility = fits ? "" : "hidden";
    }
    const note = /** @type {HTMLElement} */ (figure.lastElementChild);
    const text = left > 0 ? word("class.wall.rest", { n: left }) : "";
    if (note.textContent !== text) note.textContent = text;
  }
}

/**
 * What the wall can show: data is all that it is drawn from.
 * @type {Record<string, (teacher: Teacher, here: {address: string, qr: HTMLElement}) => {data: unknown, make: () => (Node | string)[]}>}
 */
const views = {
  code({ state, code }, { address, qr }) {
    return {
      data: [state.here, state.own, state.lost?.length],
      make: () => {
        const words = element("div", "class-code-words");
        const present = element("p", "class-present");
        present.append(state.here ? word("class.code.here", { n: state.here }) : word("class.code.nobody"), presence(state));
        words.append(
          element("p", "class-do", word("class.code.go")), element("p", "class-address", `${address.replace(/^https?:\/\//, "")}/c`),
          element("p", "class-do", word("class.code.type")), element("p", "class-letters", spaced(code)), present,
        );
        if (qr.childElementCount === 0) drawQR(`${address}/c/${code}#i=${state.invite}`).then((drawing) => qr.replaceChildren(drawing));
        const view = element("div", "class-wall-code");
        view.append(words, qr);
        return [view];
      },
    };
  },

  question({ state, lesson }) {
    const question = lesson?.predictions?.[0];
    const round = state.question?.rounds?.at(-1);
    return {
      data: [lesson?.slug, round],
      make: () => {
        const count = element("div", "class-wall-count");
        const number = element("p", "");
        number.append(element("b", "", String(round?.voted ?? 0)), ` / ${round?.of ?? state.of ?? 0}`);
        count.append(number, countDots(round?.voted ?? 0, round?.of ?? state.of ?? 0), element("p", "muted", word((state.question?.rounds?.length ?? 1) > 1 ? "class.wall.again" : "class.wall.alone")));
        return question ? [element("h1", "", question.text), votes(question, [], false), count] : [element("h1", "", lesson?.question ?? "")];
      },
    };
  },

  votes({ state, lesson }) {
    const question = lesson?.predictions?.[0];
    const rounds = (state.question?.rounds ?? []).filter((/** @type {any} */ { counts }) => counts);
    const answer = state.answers?.includes(lesson?.slug);
    const { moved } = state.question ?? {};
    return {
      data: [lesson?.slug, rounds, answer, moved],
      make: () => {
        if (!question) return [];
        const parts = [element("h1", "", question.text), votes(question, rounds, answer)];
        if (moved && answer) parts.push(element("p", "class-moved", word("class.votes.to", { n: moved.to ?? 0 }) + word("class.votes.away", { n: moved.away ?? 0 })));
        else if (rounds.length === 1) parts.push(element("p", "class-moved muted", word("class.wall.talk")));
        return parts;
      },
    };
  },

  runs({ state, lesson }) {
    return {
      data: [lesson?.slug, state.runs, state.of],
      make: () => [element("h1", "", lesson?.question ?? ""), element("p", "class-moved", word("class.runs.ran", ofAll(state.runs?.ran ?? 0, state))), outcomes(state.runs)],
    };
  },

  wave({ state, line, lesson }) {
    const [wave] = state.waves ?? [];
    const age = wave ? line.now - wave.at : 0;
    const control = lesson?.controls?.find(({ name }) => name === "retry");
    const retry = control ? Number(state.run?.controls?.retry ?? control.initial) : undefined;
    const all = wave ? [...wave.sse, ...wave.ws] : [];
    const going = wave && age < RUNS_FOR && all.some((/** @type {any} */ mark) => mark.back === undefined && mark.state !== "closed");
    return {
      data: [wave, going ? Math.floor(age / TICK) : -1],
      make: () => {
        if (!wave) return [element("h1", "", word("class.wave.title"))];
        const head = element("header", "class-wall-head");
        head.append(element("h1", "", word("class.wall.wave")), element("p", going ? "" : "muted", going ? word("class.seconds", { seconds: (age / 1000).toFixed(1) }) : word(`class.cut.${wave.how}.said`)));
        return [head, drawWave(wave, { age, retry, sizes: { width: WIDTH, font: 34, cell: 21, left: 470, right: 270, height: HEIGHT }, short: true })];
      },
    };
  },

  exercise({ state, lesson }) {
    const exercise = state.exercise ?? {};
    return {
      data: [lesson?.slug, exercise, state.of, state.hints],
      make: () => [element("h1", "", lesson?.steps.find(({ id }) => id === "exercise")?.text ?? ""), cells(exercise, state.of ?? 0), tally(exercise, state.of ?? 0), fails({ ...exercise, fails: (exercise.fails ?? []).slice(0, 3) })],
    };
  },

  measured({ state }) {
    return { data: state.measured, make: () => [element("h1", "", word("class.measured.title")), measurements(state.measured ?? [])] };
  },

  message({ state }) {
    const { message } = state;
    return { data: message, make: () => (message?.text ? [element("p", "class-quote", message.text), arrivals(message)] : []) };
  },

  exhibit({ state }) {
    return { data: state.exhibit, make: () => shown(state.exhibit, true) };
  },

  program({ state }) {
    return { data: state.exhibit, make: () => shown(state.exhibit, false) };
  },

  over() {
    return { data: "over", make: () => [element("h1", "", word("class.bar.over")), element("p", "class-quote", word("class.bar.over.note"))] };
  },
};
