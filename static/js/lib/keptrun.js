// @ts-check
// The run that a lesson shows, for the same lesson in another language. Its bytes
// are on the server; what the browser reported is nowhere else, and is kept until
// the next page of this tab has taken it.

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
 */
export function keepRun(experiment, { capture, reports, started, controls, ended }, reason) {
  const kept = { experiment, id: capture.id, ahead: capture.clockOffset, reports, started, controls, ended, reason };
  try {
    sessionStorage.setItem(key, JSON.stringify(kept));
  } catch {
    // Too many reports for a browser's quota: the page begins without the run.
  }
}

/**
 * Takes the run that was kept.
 * @param {string} experiment
 * @returns {Promise<{run: Run, reason: string} | undefined>} undefined where there is none, or the server has let go of it
 */
export async function takeRun(experiment) {
  const kept = JSON.parse(sessionStorage.getItem(key) ?? "{}");
  sessionStorage.removeItem(key);
  if (kept.experiment !== experiment) return undefined;
  const document = await fetch(`/captures/${encodeURIComponent(kept.id)}.json`).then((response) => (response.ok ? response.json() : undefined), () => undefined);
  if (!document) return undefined;
  const capture = new Capture();
  capture.apply(document);
  capture.id = kept.id;
  capture.clockOffset = kept.ahead;
  const { reports, started, controls, ended, reason } = kept;
  return { run: { capture, reports, started, controls, ended }, reason };
}
