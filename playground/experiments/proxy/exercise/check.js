// @ts-check
// Three proxies, each with a fault: the program is to say which, and to have met
// it. What is right is not known from the server, but from the two parts of the
// way, before the proxy and behind it.

import { endOf, placeOf, reported, slack } from "../../../../static/js/lib/evidence.js";
import { faultOn, heldOn, ways } from "../hops.js";
import { verdict } from "../../../../static/js/lib/verdict.js";

const rounds = [1, 2, 3];

/** The hint for each fault: try both protocols; when it broke off; what came late. */
const hints = { upgrade: 1, idle: 2, deadline: 2, buffer: 3, gzip: 3 };

/** What is said of a report, by the fault that there was. */
const words = /** @type {const} */ ({
  buffer: { right: "exercise.proxy.buffer", wrong: "exercise.proxy.not_buffer" },
  gzip: { right: "exercise.proxy.gzip", wrong: "exercise.proxy.not_gzip" },
  idle: { right: "exercise.proxy.idle", wrong: "exercise.proxy.not_idle" },
  upgrade: { right: "exercise.proxy.upgrade", wrong: "exercise.proxy.not_upgrade" },
  deadline: { right: "exercise.proxy.deadline", wrong: "exercise.proxy.not_deadline" },
});

/**
 * @param {import("../../../../static/js/lib/verdict.js").Evidence} evidence
 * @returns {import("../../../../static/js/lib/verdict.js").Verdict}
 */
export function check({ capture, reports }) {
  const all = ways(capture);
  let hint = 0;
  const checks = rounds.map((round) => {
    const own = all.filter(({ front }) => front.address.searchParams.get("round") === String(round));
    const met = own.map((way) => ({ way, fault: faultOn(way, capture) })).filter(({ fault }) => fault !== undefined);
    // What is only late may be a busy machine; what is cut or refused is not.
    const firm = met.find(({ fault }) => fault !== "buffer" && fault !== "gzip");
    const { way, fault } = firm ?? met[0] ?? {};

    const said = reported(reports).filter(({ value }) => value?.round === round);
    const names = [...new Set(said.map(({ value }) => String(value.fault)))];
    const args = { round, said: names.join(", ") || "–", streams: own.filter(({ front }) => front.side === "sse").length, sockets: own.filter(({ front }) => front.side === "ws").length };
    if (way === undefined || fault === undefined) {
      hint ||= 1;
      return { ok: false, word: "exercise.proxy.unmet", args, place: endOf(own[0]?.front) };
    }
    const place = fault === "upgrade" ? placeOf(way.behind?.sent[0]) : endOf(way.front);
    if (names.length !== 1 || names[0] !== fault) {
      hint ||= hints[fault];
      return { ok: false, final: firm !== undefined && names.length > 0, word: words[fault].wrong, args, place };
    }
    const seenAt = Math.min(...met.filter((other) => other.fault === fault).map(({ way }) => metAt(way, capture)));
    if (said.length > 1) return { ok: false, final: true, word: "exercise.proxy.again", args: { ...args, reports: said.length }, place };
    if (said[0].at < seenAt - slack) return { ok: false, final: true, word: "exercise.proxy.guessed", args, place };
    return { ok: true, word: words[fault].right, args };
  });
  return verdict(checks, hint || 1);
}

/** When a fault was there to be seen. @param {import("../hops.js").Way} way @param {import("../hops.js").Capture} capture */
function metAt(way, capture) {
  const { front } = way;
  return front.side === "ws" && front.status !== 101 ? front.answered || front.at : (heldOn(way, capture)?.passed ?? front.end?.at ?? Infinity);
}
