// @ts-check
// The run that a lesson shows, for the page that comes in its place: the same lesson
// in another language, or after an upgrade of the server. It is kept until the next page
// of this tab has taken it.

import { Capture } from "./capture.js";

/**
 * @typedef {import("./sandbox.js").Report} Report
 * @typedef {import("./address.js").Values} Values
 * @typedef {{capture: Capture, reports: Report[], started: number, controls: Values, ended?: number}} Run
 */

const key = "seewire/run";

/**
 * @param {string} experiment
 * @param {Run} run
 * @param {string} reason why it has ended
 * @returns {boolean} whether all of it is kept: a browser has no more room than some MB
 */
export function keepRun(experiment, { capture, reports, started, controls, ended }, reason) {
  const kept = { experiment, id: capture.id, ahead: capture.clockOffset, reports, started, controls, ended, reason };
  // The server has the bytes, too, unless it was started anew.
  for (const document of [capture, undefined]) {
    try {
      sessionStorage.setItem(key, JSON.stringify({ ...kept, document }));
      return document !== undefined;
    } catch {
      continue; // then without them, or not at all
    }
  }
  return false;
}

/**
 * Takes the run that was kept.
 * @param {string} experiment
 * @returns {Promise<{run: Run, reason: string} | undefined>} undefined where there is none, or too much for the browser and the server has let go of it
 */
export async function takeRun(experiment) {
  const kept = JSON.parse(sessionStorage.getItem(key) ?? "{}");
  sessionStorage.removeItem(key);
  if (kept.experiment !== experiment) return undefined;
  const whole = await fetch(`/captures/${encodeURIComponent(kept.id)}.json`).then((response) => (response.ok ? response.json() : undefined), () => undefined);
  const document = whole?.connections.length > 0 ? whole : kept.document;
  if (!document) return undefined;
  const capture = new Capture();
  capture.apply(document);
  capture.id = kept.id;
  capture.clockOffset = kept.ahead;
  const { reports, started, controls, ended, reason } = kept;
  return { run: { capture, reports, started, controls, ended }, reason };
}
