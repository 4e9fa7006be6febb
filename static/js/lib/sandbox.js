// @ts-check
// The page's end of a frame in which a learner's programs run.

import { now } from "./live.js";

/**
 * What a program did, as its worker reports it. `at` is in epoch milliseconds,
 * on the browser's clock.
 * @typedef {{kind: string, at: number, side: "sse" | "ws", [detail: string]: any}} Report
 */

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
    this.#ready = new Promise((resolve) => {
      addEventListener("message", (event) => {
        if (event.source !== this.#frame.contentWindow || event.data !== "ready") return;
        this.isReady = true;
        resolve();
      });
    });
    this.#frame.src = origin + "/sandbox";
    parent.append(this.#frame);
  }

  /** Fulfilled when programs can be started. */
  get ready() {
    return this.#ready;
  }

  /** Takes the frame away. */
  remove() {
    this.#frame.remove();
  }

  /**
   * Starts a program in a worker of its own.
   * @param {string} code
   * @param {object} setting the names that the program finds: url, sendUrl, controls
   * @param {(batch: {reports: Omit<Report, "side">[], dropped: number}) => void} receive
   * @returns {() => void} ends the worker at once, whatever it is doing
   */
  start(code, setting, receive) {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = (event) => receive(event.data);
    const behind = Date.now() - now();
    this.#frame.contentWindow?.postMessage({ code, setting, behind }, "*", [port2]);
    return () => {
      port1.postMessage("stop");
      port1.onmessage = null;
    };
  }
}
