// @ts-check
// A picture is to come down an event stream byte for byte, for at most 1.4
// bytes on the wire per byte of the picture.

import { bytesOf, exchanges, isStream } from "../../../../static/js/lib/exchanges.js";
import { verdict } from "../../../../static/js/lib/verdict.js";

const limit = 1.4;

/**
 * @param {import("../../../../static/js/lib/verdict.js").Evidence} evidence
 * @returns {import("../../../../static/js/lib/verdict.js").Verdict}
 */
export function check({ capture, reports, controls }) {
  const pictures = reports.filter(({ side, kind }) => side === "sse" && kind === "report").map(({ value }) => value);
  const wrong = pictures.map((picture) => firstDifference(picture, controls.size)).find((place) => place >= 0);

  const streams = exchanges(capture).filter(isStream);
  const down = streams.reduce((sum, { got }) => sum + bytesOf(got.filter((frame) => frame.kind !== "response")), 0);
  const cost = down / (Math.max(1, pictures.length) * controls.size);

  // A character of one byte can hold seven bits: for less than a byte each, the
  // pictures did not come this way.
  const came = pictures.length > 0 && cost >= 1;
  /** @type {import("../../../../static/js/lib/verdict.js").Verdict["checks"]} */
  const checks = [
    came
      ? { ok: true, word: "exercise.oneway.came", args: { pictures: pictures.length } }
      : { ok: false, word: "exercise.oneway.absent", args: { pictures: pictures.length, down } },
    wrong === undefined
      ? { ok: came, word: "exercise.oneway.same", args: { size: controls.size } }
      : { ok: false, word: "exercise.oneway.different", args: { size: controls.size, place: wrong } },
    { ok: came && cost <= limit, word: "exercise.oneway.cost", args: { cost: cost.toFixed(2), limit } },
  ];

  // The hints go: what JSON spends on a byte; how else bytes become text; how
  // text becomes bytes again.
  const hint = !came || wrong !== undefined ? 3 : cost > 2.5 ? 1 : 2;
  return verdict(checks, hint);
}

/**
 * The place of the first byte that is not the picture's, or -1.
 * @param {unknown} reported
 * @param {number} size
 */
function firstDifference(reported, size) {
  const bytes = Array.isArray(reported) ? reported : [];
  const place = bytes.findIndex((byte, i) => byte !== i % 256);
  if (place >= 0) return place;
  return bytes.length === size ? -1 : Math.min(bytes.length, size);
}
