// @ts-check
// What a teacher usually does next: the form is peer instruction (ask, show, let
// them talk, run, ask again), then the rest of the lesson.

/**
 * @typedef {import("./course.js").Lesson} Lesson
 * @typedef {{name: "code" | "bring" | "ask" | "show" | "run" | "answer" | "hint" | "close", word: string, args?: Record<string, unknown>, why: string, whyArgs?: Record<string, unknown>, tied?: string, hand?: object}} Next
 */

/** Below so many votes nobody sees how they fell. */
export const FEW = 5;

/**
 * @param {any} state of the board or the phone
 * @param {Lesson | undefined} lesson in hand, or with which the class is to begin
 * @param {Record<string, string>} controls for the run
 * @returns {Next}
 */
export function nextOf(state, lesson, controls) {
  const { at, question, of } = state;
  if (!of && !at) return { name: "code", word: "class.hand.code", why: "class.why.nobody" };
  if (!lesson) return { name: "code", word: "class.hand.code", why: "class.why.start" };
  const slug = lesson.slug;
  const rounds = question?.rounds ?? [];
  const prediction = lesson.predictions?.[0];
  const round = rounds.at(-1);
  const ran = state.run?.lesson === slug;
  const here = Math.max(0, lesson.steps.findIndex(({ id }) => id === at?.heading));

  if (!at || at.lesson !== slug) return bring(lesson, lesson.steps[0], "class.why.start");
  if (prediction && !ran && rounds.length === 0) return { name: "ask", word: "class.hand.ask", why: "class.why.ask", hand: { ask: { lesson: slug } } };
  if (round?.open && !round.shown) {
    const voted = round.voted ?? 0;
    return {
      name: "show", word: "class.hand.show", hand: { votes: { shown: true } },
      why: voted < FEW ? "class.why.few" : "class.why.voted", whyArgs: { voted, of: round.of ?? of },
      tied: voted < FEW ? "class.why.few" : undefined,
    };
  }
  if (!ran) return { name: "run", word: "class.hand.run", why: "class.why.run", hand: { run: { lesson: slug, controls } } };
  const look = lesson.steps.findIndex(({ id }) => id === "look");
  if (look > here) return bring(lesson, lesson.steps[look], "class.why.look");
  if (prediction && rounds.length === 1) return { name: "ask", word: "class.hand.ask_again", why: "class.why.ask_again", hand: { ask: { lesson: slug } } };
  if (prediction && !state.answers?.includes(slug)) return { name: "answer", word: "class.hand.answer", why: "class.why.answer", hand: { answer: { lesson: slug } } };
  const worst = worstOf(state);
  if (worst && lesson.steps[here]?.id === "exercise") {
    return { name: "hint", word: "class.hand.hint", args: { hint: worst.hint }, why: "class.why.hint", whyArgs: { n: worst.n }, hand: { hint: { lesson: slug, hint: worst.hint } } };
  }
  const after = lesson.steps[here + 1];
  if (after && after.id !== "terminal") return bring(lesson, after, "class.why.on");
  return { name: "close", word: "class.hand.close", why: "class.why.close" };
}

/**
 * Which answer "Answer" shows: the exercise's once the class is at the exercise.
 * @param {any} state
 * @param {string} lesson
 * @returns {{lesson: string, exercise?: true}}
 */
export function answerOf({ at }, lesson) {
  return at?.lesson === lesson && at.heading === "exercise" ? { lesson, exercise: true } : { lesson };
}

/** @param {Lesson} lesson @param {{id: string, short: string}} step @param {string} why @returns {Next} */
function bring(lesson, step, why) {
  return { name: "bring", word: "class.hand.bring_to", args: { step: step?.short ?? "" }, why, hand: { bring: { lesson: lesson.slug, heading: step?.id ?? "" } } };
}

/**
 * What most of those who tried fail at, where a hint is for it that has not been given.
 * @param {any} state
 * @returns {{n: number, hint: number} | undefined}
 */
function worstOf({ exercise, hints, at }) {
  const [most] = exercise?.fails ?? [];
  const hint = Number(/-hint-(\d+)/.exec(most?.key ?? "")?.[1] ?? 0);
  if (!most || most.n < 2 || hint <= (hints?.[at?.lesson] ?? 0)) return undefined;
  return { n: most.n, hint };
}
