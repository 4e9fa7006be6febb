// @ts-check
// A picture is to come down an event stream byte for byte, for at most 1.4
// bytes on the wire per byte of the picture.

import { carries } from "../../../../static/js/lib/carries.js";
import { arrivalsOf, onlyBy, placeOf, reported, slack } from "../../../../static/js/lib/evidence.js";
import { bytesOf, exchanges, isStream } from "../../../../static/js/lib/exchanges.js";
import { verdict } from "../../../../static/js/lib/verdict.js";

/** @typedef {import("../../../../static/js/lib/verdict.js").Check} Check */

const limit = 1.4;

/**
 * @param {import("../../../../static/js/lib/verdict.js").Evidence} evidence
 * @returns {import("../../../../static/js/lib/verdict.js").Verdict}
 */
export function check({ capture, reports, controls }) {
  const { size } = controls;
  const picture = Array.from({ length: size }, (_, i) => i % 256);
  const handedIn = reported(reports);
  const count = Math.max(1, handedIn.length);

  const all = exchanges(capture);
  const streams = all.filter(isStream);
  const refused = all.find(({ method, status }) => method === "POST" && status >= 400);
  const events = arrivalsOf(streams, capture);
  const texts = events.map(({ data }) => data);
  const down = streams.reduce((sum, { got }) => sum + bytesOf(got.filter((frame) => frame.kind !== "response")), 0);
  const cost = down / (count * size);
  const characters = texts.join("").length;

  // Each picture that is reported has come down, and before it was reported.
  const came = events.length > 0 && carries(texts, Array.from({ length: count }, () => picture).flat());
  const early = handedIn.find(({ at }) => !(events[0]?.at <= at + slack));
  const wrong = handedIn.map(({ value }) => firstDifference(value, picture)).find((place) => place >= 0);
  const seen = /** @type {any} */ (handedIn.find(({ value }) => firstDifference(value, picture) >= 0)?.value);
  const place = placeOf(events.at(-1)?.frame);

  /** @type {(Check | undefined)[]} */
  const checks = [
    came
      ? { ok: true, word: "exercise.oneway.came", args: { size } }
      : refused
        ? { ok: false, word: "exercise.oneway.refused", args: { status: refused.status }, place: placeOf(refused.got[0]) }
        : characters === 0
          ? { ok: false, word: "exercise.oneway.absent", args: { size } }
          : characters < size
            ? { ok: false, word: "exercise.oneway.short", args: { size, characters }, place }
            : { ok: false, word: "exercise.oneway.unlike", args: { size, characters }, place },
    handedIn.length === 0
      ? { ok: false, word: "exercise.oneway.silent", args: {} }
      : early
        ? { ok: false, final: true, word: "exercise.oneway.early", args: {}, place }
        : wrong === undefined
          ? { ok: true, word: "exercise.oneway.same", args: { size } }
          : { ok: false, final: true, word: "exercise.oneway.different", args: { size, place: wrong, expected: picture[wrong] ?? "–", seen: seen?.[wrong] ?? "–" }, place },
    down > 0 ? { ok: cost <= limit, word: "exercise.oneway.cost", args: { cost: cost.toFixed(2), limit }, place } : undefined,
    onlyBy(all, "sse"),
  ];

  // The hints go: what JSON spends on a byte; how else bytes become text; how
  // text becomes bytes again.
  const hint = refused ? 2 : !came || wrong !== undefined ? 3 : cost > 2.5 ? 1 : 2;
  return verdict(checks, hint);
}

/**
 * The place of the first byte that is not the picture's, or -1.
 * @param {unknown} reported
 * @param {number[]} picture
 */
function firstDifference(reported, picture) {
  const bytes = Array.isArray(reported) ? reported : [];
  const place = bytes.findIndex((byte, i) => byte !== picture[i]);
  if (place >= 0) return place;
  return bytes.length === picture.length ? -1 : bytes.length;
}
