// @ts-check
// The page's end of a frame in which a learner's programs run.

import { now } from "./live.js";

/**
 * What a program did, as its worker reports it. `at` is in epoch milliseconds,
 * on the browser's clock; `beside` is the program's name where it is not the side's own.
 * @typedef {{kind: string, at: number, side: "sse" | "ws", beside?: string, [detail: string]: any}} Report
 *
 * A program to start: its text, the names that it finds (url, sendUrl, controls), and who hears of it.
 * @typedef {{code: string, setting: object, receive: (batch: {reports: Omit<Report, "side">[], dropped: number}) => void}} Program
 */

/** A frame that has loaded, and has not said for so long that it is ready, is another page: the browser's own, about an error. */
const patience = 5000; // ms

export class Sandbox {
  #frame = document.createElement("iframe");
  /** @type {Promise<void>} */
  #ready;
  isReady = false;

  /**
   * @param {Element} parent where the frame goes; it is never shown
   * @param {string} title
   * @param {string} [origin] of the frame; without one the frame is opaque: Origin: null
   */
  constructor(parent, title, origin = "") {
    // Only where the frame comes from another server may it have its origin.
    this.#frame.setAttribute("sandbox", origin ? "allow-scripts allow-same-origin" : "allow-scripts");
    this.#frame.hidden = true;
    this.#frame.title = title;
    this.#ready = new Promise((resolve, reject) => {
      addEventListener("message", (event) => {
        if (event.source !== this.#frame.contentWindow || event.data !== "ready") return;
        this.isReady = true;
        resolve();
      });
      this.#frame.addEventListener("load", () => setTimeout(() => reject(new Error("frame")), patience));
    });
    this.#ready.catch(() => {}); // a run that waits for it takes it
    this.#frame.src = origin + "/sandbox";
    parent.append(this.#frame);
  }

  /** Fulfilled when programs can be started, rejected with "frame" when no server has sent the frame. */
  get ready() {
    return this.#ready;
  }

  /** Takes the frame away. */
  remove() {
    this.#frame.remove();
  }

  /**
   * Starts programs together, each in a worker of its own.
   * @param {Program[]} programs
   * @returns {(() => void)[]} each ends a worker at once, whatever it is doing
   */
  start(programs) {
    const channels = programs.map(({ receive }) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = (event) => receive(event.data);
      return { port1, port2 };
    });
    const message = { programs: programs.map(({ code, setting }) => ({ code, setting })), behind: Date.now() - now() };
    this.#frame.contentWindow?.postMessage(message, "*", channels.map(({ port2 }) => port2)); // prettier-ignore
    return channels.map(({ port1 }) => () => {
      port1.postMessage("stop");
      port1.onmessage = null;
    });
  }
}
