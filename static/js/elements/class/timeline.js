// @ts-check
import { Capture } from "../../lib/capture.js";
import { follow } from "../../lib/live.js";
import { unpack } from "./run.js";

/** The timeline of a learner's run, from what the server has recorded of it and what the learner's page has told. */
export class ClassRun extends HTMLElement {
  /** What is shown of a member. @type {any} */
  exhibit;
  #capture = new Capture();
  /** @type {ReturnType<typeof follow> | undefined} */
  #feed;

  connectedCallback() {
    const timeline = /** @type {import("../timeline/timeline.js").SeewireTimeline} */ (document.createElement("seewire-timeline"));
    this.replaceChildren(timeline);
    this.#capture = new Capture();
    // A check of an exercise has run on one side alone.
    const sides = /** @type {import("../../lib/capture.js").Side[]} */ (["sse", "ws"]).filter((side) => this.exhibit.code?.[side]);
    this.#capture.addEventListener("change", () => {
      const { started, reports, findings } = unpack(this.exhibit.run, this.#capture.clockOffset);
      if (this.#capture.connections.size > 0) timeline.show({ capture: this.#capture, started, reports, findings, running: false, sides });
    });
    this.#feed = follow(this.exhibit.capture, this.#capture);
  }

  disconnectedCallback() {
    this.#feed?.close();
  }
}

customElements.define("seewire-class-run", ClassRun);
