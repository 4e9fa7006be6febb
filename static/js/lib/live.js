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

/** The subprotocol of a feed in the form that compact.js reads. */
const COMPACT = "compact-2";

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

/** Fires 'state' when `state` changes, and 'failed' when an attempt to connect has failed. */
class Feed extends EventTarget {
  /** 'connecting', 'live', 'lost' (trying again), 'idle' (until the reader is back), 'expired', 'full' or 'closed' */
  state = "connecting";

  #url;
  #capture;
  /** @type {WebSocket|undefined} */
  #socket;
  #failures = 0;
  #compact = canExpand;
  #fresh = true;
  #bestRoundTrip = Infinity;
  /** The marks asked for that the feed has not passed, with their numbers once they are known. @type {{asked: number, number: number, resolve: (asked: number) => void}[]} */
  #marks = [];
  /** The newest mark that it has passed. */
  #passed = 0;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;

  /** @param {string} id @param {Capture} capture */
  constructor(id, capture) {
    super();
    const url = new URL(`/captures/${encodeURIComponent(id)}/live?clock=1`, location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    this.#url = url;
    this.#capture = capture;
    capture.id = id;
    this.#connect();
  }

  /**
   * Goes on after nothing was recorded for long, and tries again at once after a
   * loss. What came in the meantime is in the capture.
   */
  resume = () => {
    if (this.#trying || (this.state !== "idle" && this.state !== "lost")) return;
    this.#awaitSigns(false);
    clearTimeout(this.#timer);
    this.#failures = 0;
    if (this.state === "idle") this.#become("connecting");
    this.#connect();
  };

  /**
   * Fulfilled when the feed is live. Rejected when it never will be, with its
   * state as the message; and with "gone" when so much time is over and the last
   * attempt has failed. A server that is slow fails none.
   * @param {number} patience in ms
   * @returns {Promise<void>}
   */
  live(patience) {
    return new Promise((resolve, reject) => {
      let over = false;
      const look = () => {
        if (this.state === "connecting" || (this.state === "lost" && (!over || this.#trying))) return;
        for (const type of ["state", "failed"]) this.removeEventListener(type, look);
        clearTimeout(timer);
        if (this.state === "live") resolve();
        else reject(new Error(this.state === "lost" ? "gone" : this.state));
      };
      const timer = setTimeout(() => {
        over = true;
        look();
      }, patience);
      for (const type of ["state", "failed"]) this.addEventListener(type, look);
      look();
    });
  }

  /** Whether it connects just now. */
  get #trying() {
    return this.#socket?.readyState === WebSocket.CONNECTING;
  }

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
  }

  #connect() {
    const socket = new WebSocket(this.#url, this.#compact ? [COMPACT] : []);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    const expander = new Expander(this.#capture);
    let last = Promise.resolve();
    this.#fresh = true;
    this.#passed = 0;
    this.#bestRoundTrip = Infinity;
    let rounds = 0;

    const askTheTime = () => {
      if (socket.readyState !== WebSocket.OPEN) return;
      rounds++;
      socket.send(JSON.stringify({ clock: now() }));
    };
    socket.onopen = () => {
      this.#failures = 0;
      askTheTime();
      for (const mark of this.#marks) {
        mark.number = Infinity; // another server counts anew
        this.#askForMark(mark.asked);
      }
    };
    socket.onmessage = (event) => {
      const message = typeof event.data === "string" ? JSON.parse(event.data) : inflated(event.data);
      if ("clock" in message) {
        this.#setClock(message.clock, message.server);
        this.#become("live");
        if ("mark" in message) {
          for (const mark of this.#marks) if (mark.asked === message.clock) mark.number = message.mark;
          this.#passMarks();
          return;
        }
        if (rounds < CLOCK_ROUNDS) askTheTime();
        else this.#timer = setTimeout(askTheTime, CLOCK_EVERY);
        return;
      }
      if (socket.protocol !== COMPACT) this.#take(socket, message, this.#capture);
      else {
        last = last.then(async () => this.#take(socket, await message, expander)); // inflating takes a while
        last.catch((error) => {
          if (!this.#compact) return; // it is said already
          reportError(error);
          this.#compact = false; // the next feed tells everything again, in the other form
          socket.close();
        });
      }
    };
    socket.onclose = (event) => this.#closed(event.code);
  }

  /** @param {WebSocket} socket @param {{mark?: number, connections?: object[]}} document @param {{apply(document: object): void}} to */
  #take(socket, document, to) {
    if (socket !== this.#socket) return; // the next one tells it again
    // A feed that came back tells everything again. What was there stays
    // on the screen until it does, and from a server that was started anew it never comes.
    const unknown = this.#fresh && this.#capture.connections.size > 0 && document.connections?.length === 0;
    if (!unknown) {
      if (this.#fresh) this.#capture.clear();
      this.#fresh = false;
      to.apply(document);
    }
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
      return;
    }
    this.#become("lost");
    this.dispatchEvent(new Event("failed"));
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
