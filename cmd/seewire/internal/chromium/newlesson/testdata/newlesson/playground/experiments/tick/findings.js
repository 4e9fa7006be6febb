// @ts-check
import { eventsOf, exchanges, isStream } from "../../../static/js/lib/exchanges.js";

/**
 * @param {import("../../../static/js/lib/finding.js").Run} run
 * @returns {import("../../../static/js/lib/finding.js").Finding[]}
 */
export function findings({ capture }) {
  return exchanges(capture)
    .filter(isStream)
    .map((stream) => ({ side: "sse", kind: "note", from: stream.at, word: "finding.tick.counted", args: { events: eventsOf(stream, capture).length } }));
}
