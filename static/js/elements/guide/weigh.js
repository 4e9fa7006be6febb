// @ts-check

/**
 * One reason for a choice, or against it, as the page has it.
 * @typedef {{choice: string, weight: number, item: HTMLElement}} Effect
 */

/** What there is to choose between; where two weigh the same, the simpler comes first. */
const choices = ["poll", "eventsource", "fetch", "websocket"];

/**
 * Adds up what speaks for each choice, the best first, each with its weightiest
 * reasons first.
 * @param {Effect[]} effects
 * @returns {{choice: string, total: number, effects: Effect[]}[]}
 */
export function weigh(effects) {
  return choices
    .map((choice) => {
      const own = effects.filter((effect) => effect.choice === choice);
      own.sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight));
      return { choice, total: own.reduce((sum, { weight }) => sum + weight, 0), effects: own };
    })
    .sort((a, b) => b.total - a.total);
}
