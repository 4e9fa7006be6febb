// @ts-check
import { latest } from "../../../static/js/lib/finding.js";
import { lanes } from "./findings.js";
import { element } from "../../../static/js/lib/dom.js";
import { word } from "../../../static/js/lib/words.js";

export { findings } from "./findings.js";

/**
 * @typedef {import("../../../static/js/lib/finding.js").Run} Run
 * @typedef {import("./findings.js").Lane} Lane
 */

/**
 * Every stream of a run as a bar, one under the other: where it waited in the
 * browser, where it was open at the server, and in which connection.
 *
 * Usage:
 *   <seewire-picture></seewire-picture>
 *
 *   element.show({ capture, reports, controls, started });
 */
export class Picture extends HTMLElement {
  connectedCallback() {
    this.hidden = true;
  }

  /** @param {Run} run */
  show(run) {
    if (run.started === 0) return;
    const { sse, ws } = lanes(run);
    this.hidden = sse.length + ws.length === 0;
    const until = latest(run);
    const end = Math.max(1000, until - run.started);
    this.replaceChildren(picture("sse", sse, run.started, until, end), picture("ws", ws, run.started, until, end));
  }
}

/**
 * @param {"sse"|"ws"} side
 * @param {Lane[]} list
 * @param {number} started
 * @param {number} until where what goes on ends for now
 * @param {number} end the length of all, in ms
 */
function picture(side, list, started, until, end) {
  const box = element("section", "lanes-side");
  box.dataset.side = side;
  box.append(element("h4", "lanes-title", word(side === "sse" ? "picture.six.sse" : "picture.six.ws")));
  const all = element("ol", "lanes-list");
  for (const lane of list) all.append(row(lane, started, until, end));
  const axis = element("p", "lanes-axis");
  axis.ariaHidden = "true";
  axis.append(element("span", "", "0"), element("span", "", `${(end / 1000).toFixed(1)} s`));
  box.append(all, axis);
  return box;
}

/**
 * @param {Lane} lane
 * @param {number} started
 * @param {number} until
 * @param {number} end
 */
function row({ tab, asked, there, queued, ended, connection, stream }, started, until, end) {
  const made = element("li", "lanes-row");
  made.toggleAttribute("data-queued", queued);
  const name = tab === 0 ? word("picture.six.save") : word("picture.six.tab", { tab });
  const where = connection === undefined ? "" : word(stream ? "picture.six.stream" : "picture.six.connection", { connection, stream });
  const waited = Math.round((there ?? until) - asked);
  const open = there === undefined ? 0 : Math.round((ended ?? until) - there);
  const bars = element("span", "lanes-bars");
  bars.ariaHidden = "true";
  bars.append(bar("lanes-waited", asked, there ?? until), ...(there === undefined ? [] : [bar("lanes-open", there, ended ?? until)]));
  const label = element("span", "lanes-where", where);
  bars.append(label);
  label.style.insetInlineStart = `${percent(there ?? asked)}%`;
  made.append(element("span", "lanes-name", name), bars);
  const key = there === undefined ? "picture.six.waiting" : "picture.six.was";
  made.append(element("span", "visually-hidden", word(key, { waited, open, where })));
  return made;

  /** @param {string} look @param {number} from @param {number} to */
  function bar(look, from, to) {
    const made = element("span", look);
    made.style.insetInlineStart = `${percent(from)}%`;
    made.style.inlineSize = `${percent(to) - percent(from)}%`;
    return made;
  }

  /** @param {number} time */
  function percent(time) {
    return Math.min(100, Math.max(0, ((time - started) / end) * 100));
  }
}
