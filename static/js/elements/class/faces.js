// @ts-check
// What a learner's bar says, and what can be pressed in it.

/**
 * @typedef {import("./line.js").Status} Status
 * @typedef {"" | "ask" | "wave" | "message" | "brought" | "exhibit"} Topic
 *
 * What the page knows beside the state.
 * @typedef {object} Here
 * @property {Status} status
 * @property {number} since when the status became what it is, in epoch ms
 * @property {number} now on the server's clock
 * @property {string} lesson of this page
 * @property {string} heading that is in view
 * @property {Topic[]} topics the newest first
 * @property {boolean} over whether the class has ended
 * @property {boolean} ran whether this page has a run that could be shown
 *
 * @typedef {{word: string, args?: Record<string, unknown>, text?: string}} Saying text stands for words that are a person's
 * @typedef {{name: string, word: string, primary?: boolean}} Action
 * @typedef {object} Face
 * @property {"paper" | "ink" | "trouble"} ground
 * @property {Saying} main a link to the place goes where its words have {place}
 * @property {Saying} [note]
 * @property {{side: "sse" | "ws", say: Saying}[]} [sides] in place of the note
 * @property {Action[]} actions
 * @property {boolean} [tied] whether following can't be chosen
 */

/** For so long, in ms, a cut and a message stay in the bar. */
const CUT_FOR = 20_000;
const MESSAGE_FOR = 60_000;

/**
 * @param {any} state of a member, or undefined before the first
 * @param {Here} here
 * @returns {Face}
 */
export function faceOf(state, here) {
  if (here.over || here.status === "over") return { ground: "paper", main: { word: "class.bar.over" }, note: { word: "class.bar.over.note" }, actions: [{ name: "dismiss", word: "class.bar.dismiss" }], tied: true };
  if (here.status === "refused") return { ground: "trouble", main: { word: "class.bar.removed" }, note: { word: "class.bar.removed.note" }, actions: [{ name: "dismiss", word: "class.bar.dismiss" }], tied: true };
  if (here.status === "unknown") return { ground: "trouble", main: { word: "class.bar.unknown" }, note: { word: "class.bar.unknown.note" }, actions: [{ name: "leave", word: "class.bar.alone" }], tied: true };
  if (here.status === "lost") return { ground: "trouble", main: { word: "class.bar.lost", args: { time: clock(here.since) } }, note: { word: "class.bar.lost.note" }, actions: [], tied: true };
  if (!state) return { ground: "paper", main: { word: "class.bar.connecting" }, actions: [], tied: true };

  if (state.asked && !here.ran) return { ground: "ink", main: { word: "class.bar.may" }, note: { word: "class.bar.may.nothing" }, actions: [{ name: "hide", word: "class.bar.may.no" }] };
  if (state.asked) return { ground: "ink", main: { word: "class.bar.may" }, note: { word: "class.bar.may.note" }, actions: [{ name: "show", word: "class.bar.may.yes", primary: true }, { name: "hide", word: "class.bar.may.no" }] };
  for (const topic of here.topics) {
    const face = faces[topic]?.(state, here);
    if (face) return face;
  }
  const face = quiet(state, here);
  return state.cutOff ? { ...face, note: { word: "class.cut_off" } } : face;
}

/** What each topic says; undefined once it is over. @type {Record<string, (state: any, here: Here) => Face | undefined>} */
const faces = {
  ask({ ask }, here) {
    if (!ask) return undefined;
    const away = ask.lesson !== here.lesson;
    const go = { name: "answer", word: "class.bar.answer", primary: true };
    if (ask.counts) {
      const counts = { word: "class.bar.shown", args: { counts: ask.counts, mine: ask.mine ?? 0 } };
      return { ground: "ink", main: counts, note: { word: ask.round > 1 ? "class.bar.shown.last" : "class.bar.shown.talk" }, actions: [] };
    }
    if (!ask.open) return undefined;
    const args = { n: ask.mine, voted: ask.voted ?? 0, of: ask.of ?? 0 };
    if (ask.mine) return { ground: "ink", main: { word: "class.bar.voted", args }, note: { word: "class.bar.voted.note", args }, actions: [] };
    const again = ask.round > 1 ? "class.bar.asked_again" : "class.bar.asked";
    return { ground: "ink", main: { word: away ? `${again}.away` : again }, note: { word: "class.bar.asked.note", args }, actions: [go] };
  },

  wave({ wave }, here) {
    if (!wave || here.now - wave.at > CUT_FOR) return undefined;
    const sides = /** @type {const} */ (["sse", "ws"]).filter((side) => wave[side]?.cut);
    if (sides.length === 0) return { ground: "ink", main: { word: "class.bar.nothing_cut" }, note: { word: "class.bar.nothing_cut.note" }, actions: [] };
    const done = sides.every((side) => wave[side].back !== undefined);
    return {
      ground: "ink",
      main: done ? { word: "class.bar.back" } : { word: "class.bar.cut", args: { seconds: ((here.now - wave.at) / 1000).toFixed(1) } },
      sides: sides.map((side) => {
        const { back } = wave[side];
        return { side, say: back === undefined ? { word: `class.bar.cut.${side}` } : { word: "class.bar.cut.back", args: { seconds: seconds(back) } } };
      }),
      actions: [],
    };
  },

  message({ message }, here) {
    if (!message?.text || here.now - message.at > MESSAGE_FOR) return undefined;
    const sides = /** @type {const} */ (["sse", "ws"]).filter((side) => message[side] !== undefined);
    return {
      ground: "ink",
      main: { word: "class.bar.message", text: message.text },
      sides: sides.map((side) => ({ side, say: { word: "class.bar.came", args: { ms: Math.round(message[side]) } } })),
      actions: [],
    };
  },

  brought({ at }, here) {
    if (!at || (at.lesson === here.lesson && at.heading === here.heading)) return undefined;
    return { ground: "ink", main: { word: "class.bar.typing" }, actions: [{ name: "go", word: "class.bar.go", primary: true }] };
  },

  exhibit({ exhibit }) {
    if (!exhibit) return undefined;
    if (exhibit.mine) return { ground: "ink", main: { word: "class.bar.showing" }, actions: [{ name: "hide", word: "class.bar.showing.end", primary: true }] };
    return { ground: "ink", main: { word: "class.bar.exhibit" }, note: { word: "class.bar.exhibit.note" }, actions: [{ name: "look", word: "class.bar.look", primary: true }] };
  },
};

/** Nothing is asked. @param {any} state @param {Here} here @returns {Face} */
function quiet({ at, me }, here) {
  const there = !at || (at.lesson === here.lesson && at.heading === here.heading);
  const go = { name: "go", word: "class.bar.go" };
  if (!at) return { ground: "paper", main: { word: "class.bar.wait" }, actions: [] };
  if (!me.follow) return { ground: "paper", main: { word: there ? "class.bar.own_there" : "class.bar.own" }, actions: there ? [] : [go] };
  return { ground: "paper", main: { word: there ? "class.bar.with" : "class.bar.away" }, actions: there ? [] : [go] };
}

/** @param {number} ms */
export function seconds(ms) {
  return (ms / 1000).toFixed(2);
}

/** @param {number} time epoch ms */
export function clock(time) {
  return new Date(time).toLocaleTimeString("sv"); // 14:31:02 in every language
}
