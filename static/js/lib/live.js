// @ts-check
/**
 * The live feed: a WebSocket on which the server sends what is new in a
 * capture. It is a WebSocket so that it takes none of the six HTTP/1.1
 * connections that the run's own streams may need.
 *
 * The two clocks are brought together the way NTP does it: the page sends its
 * time, the server answers with its own, and the answer of the fastest round
 * trip, which leaves the least room for error, counts.
 */

import { canExpand, Expander, inflated } from "./compact.js";

/** @typedef {import('./capture.js').Capture} Capture */

/** Close codes of the feed after which trying again is of no use. */
const FINAL = { 4004: "expired", 4029: "full" };

/** The close code of a feed in whose capture nothing was recorded for long. */
const IDLE = 4008;

/** Events that show that the reader is there. */
const SIGNS = ["pointermove", "pointerdown", "keydown", "wheel", "touchstart", "focus"];

const FIRST_DELAY = 500; // ms, doubled at each failure
const LONGEST_DELAY = 10_000; // ms
const CLOCK_ROUNDS = 5; // at the start
const CLOCK_EVERY = 10_000; // ms, from then on: clocks drift

/** Milliseconds since 1970 with a fraction, on the clock that events of this page are measured by. */
export function now() {
  return performance.timeOrigin + performance.now();
}

/** @param {string} id @param {Capture} capture */
export function follow(id, capture) {
  return new Feed(id, capture);
}

/** Fires 'state' when `state` changes. */
class Feed extends EventTarget {
  /** 'connecting', 'live', 'lost' (trying again), 'idle' (until the reader is back), 'expired', 'full' or 'closed' */
  state = "connecting";
  /** Fulfilled when the feed has connected for the first time; rejected when it never will. @type {Promise<void>} */
  ready;

  #url;
  #capture;
  /** @type {WebSocket|undefined} */
  #socket;
  #failures = 0;
  #fresh = true;
  #bestRoundTrip = Infinity;
  /** The marks asked for that the feed has not passed, with their numbers once they are known. @type {{asked: number, number: number, resolve: (asked: number) => void}[]} */
  #marks = [];
  /** The newest mark that it has passed. */
  #passed = 0;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;
  #resolve = () => {};
  /** @type {(reason: Error) => void} */
  #reject = () => {};

  /** @param {string} id @param {Capture} capture */
  constructor(id, capture) {
    super();
    const url = new URL(`/captures/${encodeURIComponent(id)}/live?clock=1`, location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    this.#url = url;
    this.#capture = capture;
    capture.id = id;
    this.ready = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.ready.catch(() => {}); // callers that need it await it
    this.#connect();
  }

  /** Goes on after nothing was recorded for long. What came in the meantime is in the capture. */
  resume = () => {
    if (this.state !== "idle") return;
    this.#awaitSigns(false);
    this.#become("connecting");
    this.#connect();
  };

  /**
   * Fulfilled when everything is in the capture that the server had recorded at
   * the time of the call, with that time. While the feed is lost it waits.
   * @returns {Promise<number>}
   */
  caughtUp() {
    const asked = now();
    this.#askForMark(asked);
    return new Promise((resolve) => this.#marks.push({ asked, number: Infinity, resolve }));
  }

  /** @param {number} asked */
  #askForMark(asked) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify({ clock: asked, mark: 1 }));
  }

  #passMarks() {
    for (const { asked, resolve } of this.#marks.filter(({ number }) => number <= this.#passed)) resolve(asked);
    this.#marks = this.#marks.filter(({ number }) => number > this.#passed);
  }

  close() {
    this.#awaitSigns(false);
    this.#become("closed");
    clearTimeout(this.#timer);
    this.#socket?.close(1000);
    this.#reject(new Error("closed"));
  }

  #connect() {
    const socket = new WebSocket(this.#url, canExpand ? ["compact"] : []);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    const expander = new Expander(this.#capture);
    let last = Promise.resolve();
    this.#fresh = true;
    this.#bestRoundTrip = Infinity;
    let rounds = 0;

    const askTheTime = () => {
      if (socket.readyState !== WebSocket.OPEN) return;
      rounds++;
      socket.send(JSON.stringify({ clock: now() }));
    };
    socket.onopen = () => {
      this.#failures = 0;
      this.#become("live");
      askTheTime();
      for (const mark of this.#marks) this.#askForMark(mark.asked);
    };
    socket.onmessage = (event) => {
      if (typeof event.data !== "string") {
        const document = inflated(event.data);
        last = last.then(async () => this.#take(socket, await document, expander));
        return;
      }
      const message = JSON.parse(event.data);
      if ("clock" in message) {
        this.#setClock(message.clock, message.server);
        this.#resolve();
        if ("mark" in message) {
          for (const mark of this.#marks) if (mark.asked === message.clock) mark.number = message.mark;
          this.#passMarks();
          return;
        }
        if (rounds < CLOCK_ROUNDS) askTheTime();
        else this.#timer = setTimeout(askTheTime, CLOCK_EVERY);
        return;
      }
      this.#take(socket, message, this.#capture);
    };
    socket.onclose = (event) => this.#closed(event.code);
  }

  /** @param {WebSocket} socket @param {{mark?: number}} document @param {{apply(document: object): void}} to */
  #take(socket, document, to) {
    if (socket !== this.#socket) return; // the next one tells it again
    // A feed that came back tells everything again. What was there stays
    // on the screen until it does.
    if (this.#fresh) this.#capture.clear();
    this.#fresh = false;
    to.apply(document);
    this.#passed = Math.max(this.#passed, document.mark ?? 0);
    this.#passMarks();
  }

  /** @param {number} code */
  #closed(code) {
    clearTimeout(this.#timer);
    if (this.state === "closed") return;
    if (code === IDLE) {
      this.#become("idle");
      this.#awaitSigns(true);
      return;
    }
    const final = FINAL[/** @type {keyof typeof FINAL} */ (code)];
    if (final) {
      this.#become(final);
      this.#reject(new Error(final));
      return;
    }
    this.#become("lost");
    const delay = Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** this.#failures++);
    // Jitter: pages that were cut off together must not come back together.
    this.#timer = setTimeout(() => this.#connect(), delay / 2 + (Math.random() * delay) / 2);
  }

  /** @param {boolean} wanted */
  #awaitSigns(wanted) {
    for (const sign of SIGNS) {
      if (wanted) addEventListener(sign, this.resume, { capture: true, passive: true });
      else removeEventListener(sign, this.resume, { capture: true });
    }
  }

  /** @param {number} sent @param {number} server */
  #setClock(sent, server) {
    const received = now();
    if (received - sent > this.#bestRoundTrip) return;
    this.#bestRoundTrip = received - sent;
    this.#capture.clockOffset = server - (sent + received) / 2;
  }

  /** @param {string} state */
  #become(state) {
    if (state === this.state) return;
    this.state = state;
    this.dispatchEvent(new Event("state"));
  }
}
