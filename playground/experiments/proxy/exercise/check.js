// @ts-check
// Three proxies, each with a fault: the program is to say which, and to have met
// it. What is right is not known from the server, but from the two parts of the
// way, before the proxy and behind it.

import { faultOn, ways } from "../hops.js";
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
  const said = reports.filter(({ kind }) => kind === "report").map(({ value }) => value);
  let hint = 0;
  /** @type {import("../../../../static/js/lib/verdict.js").Verdict["checks"]} */
  const checks = rounds.map((round) => {
    const own = all.filter(({ front }) => front.address.searchParams.get("round") === String(round));
    const met = own.map((way) => faultOn(way, capture)).filter((fault) => fault !== undefined);
    // What is only late may be a busy machine; what is cut or refused is not.
    const fault = met.find((fault) => fault !== "buffer" && fault !== "gzip") ?? met[0];
    const report = said.findLast((value) => value?.round === round)?.fault;
    const args = { round, said: report ?? "–", streams: own.filter(({ front }) => front.side === "sse").length, sockets: own.filter(({ front }) => front.side === "ws").length };
    if (fault === undefined) {
      hint ||= 1;
      return { ok: false, word: "exercise.proxy.unmet", args };
    }
    if (report === fault) return { ok: true, word: words[fault].right, args };
    hint ||= hints[fault];
    return { ok: false, word: words[fault].wrong, args };
  });
  return verdict(checks, hint);
}
