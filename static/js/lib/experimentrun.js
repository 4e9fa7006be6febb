// @ts-check
import { runAddress } from "./address.js";

/**
 * @typedef {import("./runner.js").Program} Program
 * @typedef {import("./runner.js").Wishes} Wishes
 */

/**
 * What the Runner takes to run an experiment's programs.
 * @param {object} what
 * @param {string} what.experiment
 * @param {string} what.server the origin that the programs connect to
 * @param {import("./address.js").Values} what.values the controls that are not at their default
 * @param {Record<string, string | number | boolean>} what.controls all of them, as the programs find them
 * @param {{side: "sse" | "ws", code: string, machine?: string, beside?: string}[]} what.programs
 * @returns {{programs: Program[], wishes: Wishes}}
 */
export function experimentRun({ experiment, server, values, controls, programs }) {
  const address = (/** @type {"sse" | "ws" | "send" | "poll" | "visit"} */ to, /** @type {string} */ capture, /** @type {string} */ machine = "") =>
    runAddress(server, experiment, to, values, capture, machine);
  const { origins, visits } = /** @type {HTMLElement} */ (document.querySelector("seewire-playground")).dataset;
  return {
    programs: programs.map(({ side, code, machine, beside }) => ({
      side,
      code,
      beside,
      setting: (capture) => ({ url: address(beside ? "poll" : side, capture, machine), sendUrl: address("send", capture), controls }),
    })),
    wishes: {
      origin: originOf(controls, origins),
      visit: visits === undefined ? undefined : (capture) => address("visit", capture),
    },
  };
}

/**
 * The origin of the frame that programs run in. Most run in the sandbox, whose
 * origin is opaque; an experiment about origins has frames of others, and a
 * control that chooses between them.
 * @param {Record<string, string | number | boolean>} controls
 * @param {string} [origins] JSON of the frames' origins by the control's values
 * @returns {string | null} "" for the sandbox, null where there is no such frame
 */
function originOf(controls, origins) {
  if (!origins || controls.origin === "null") return "";
  return JSON.parse(origins)[String(controls.origin)] ?? null;
}
