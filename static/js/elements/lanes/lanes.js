// @ts-check
import { latest } from "../../findings/finding.js";
import { lanes } from "../../findings/six.js";
import { element } from "../../lib/dom.js";
import { addWords, word } from "../../lib/words.js";

/**
 * @typedef {import("../../findings/finding.js").Run} Run
 * @typedef {import("../../findings/six.js").Lane} Lane
 */

/**
 * Every stream of a run as a bar, one under the other: where it waited in the
 * browser, where it was open at the server, and in which connection.
 *
 * Usage:
 *   <seewire-lanes></seewire-lanes>
 *
 *   element.show({ capture, reports, controls, started });
 */
export class Lanes extends HTMLElement {
  #words = addWords("lanes");

  /** @param {Run} run */
  async show(run) {
    await this.#words;
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
  box.append(element("h4", "lanes-title", word(`lanes.${side}`)));
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
  const name = tab === 0 ? word("lanes.save") : word("lanes.tab", { tab });
  const where = connection === undefined ? "" : word(stream ? "lanes.stream" : "lanes.connection", { connection, stream });
  const waited = Math.round((there ?? until) - asked);
  const open = there === undefined ? 0 : Math.round((ended ?? until) - there);
  const bars = element("span", "lanes-bars");
  bars.ariaHidden = "true";
  bars.append(bar("lanes-waited", asked, there ?? until), ...(there === undefined ? [] : [bar("lanes-open", there, ended ?? until)]));
  const label = element("span", "lanes-where", where);
  bars.append(label);
  label.style.insetInlineStart = `${percent(there ?? asked)}%`;
  made.append(element("span", "lanes-name", name), bars);
  const key = there === undefined ? "lanes.waiting" : "lanes.was";
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
