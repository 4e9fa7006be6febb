// @ts-check
import { element } from "../../lib/dom.js";
import { word } from "../../lib/words.js";
import { spaced } from "./join.js";
import { arrivals, cells, countDots, exhibited, fails, measurements, outcomes, presence, redraw, tally, votes } from "./parts.js";
import { drawQR } from "./qr.js";
import { Teacher } from "./teacher.js";
import { drawWave, RUNS_FOR } from "./wave.js";

/** How often what has a clock in it is drawn again, in ms. */
const TICK = 100;

/** The page that the wall is drawn for: it is scaled to the projector's. */
const WIDTH = 1760;

/** So much of it is left for the wave under its title. */
const HEIGHT = 790;

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
    const present = line.status === "live" ? word("class.wall.here", { n: state.here ?? 0 }) : word("class.wall.no_server");
    if (here.textContent !== present) here.textContent = present;
    const shows = state.over ? "over" : (state.wall?.shows ?? "code");
    page.dataset.shows = shows;
    const { data, make } = (views[shows] ?? views.code)(teacher, { address, qr });
    redraw(main, [shows, teacher.worded, data], make);
  };
  teacher.addEventListener("change", show);
  setInterval(show, TICK);
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
      make: () => [element("h1", "", lesson?.question ?? ""), element("p", "class-moved", word("class.runs.ran", { n: state.runs?.ran ?? 0, of: state.of ?? 0 })), outcomes(state.runs)],
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
    const { exhibit } = state;
    const make = () => {
      const code = element("div", "class-wall-exhibit");
      code.append(...exhibited(exhibit ?? {}).filter((part) => !(part instanceof HTMLAnchorElement)));
      return [element("h1", "", word("class.wall.exhibit")), code];
    };
    return { data: exhibit, make };
  },

  over() {
    return { data: "over", make: () => [element("h1", "", word("class.bar.over")), element("p", "class-quote", word("class.bar.over.note"))] };
  },
};
