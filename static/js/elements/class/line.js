// @ts-check
// The connection of a page to its class: a WebSocket on which the server says how
// the class stands, and what is to be done at once.

import { now } from "../../lib/live.js";

/**
 * @typedef {"member" | "board" | "wall" | "phone"} Role
 * @typedef {"connecting" | "live" | "lost" | "unknown" | "refused" | "over"} Status "unknown": the server knows no such class; "refused": it doesn't take the key
 */

const FIRST_DELAY = 1000; // ms, doubled at each failure, and multiplied by a random number
const LONGEST_DELAY = 10_000; // ms

/** How often it is asked whether the class is open again, in ms. */
const UNKNOWN_EVERY = 3000;

/** For so long after a hand, in ms, another press is still that one. */
const SAME_PRESS = 500;

/** Close codes that say more than that the line is lost. @type {Record<number, Status>} */
const REASONS = { 4003: "refused", 4004: "unknown", 4010: "over" };

/** The close code of a page that sent too much, and how long it waits, in ms. */
const SLOWER = { code: 4029, wait: 10_000 };

/**
 * Fires "state" (detail: the state), "do" (detail: what is to be done), "done"
 * (detail: what became of a hand), and "status" when `status` changes.
 */
export class Line extends EventTarget {
  /** @type {Status} */
  status = "connecting";

  /** When the status became what it is, in epoch ms. */
  since = Date.now();

  /** The newest state. @type {any} */
  state;

  /** How far the server's clock is ahead of this browser's, in ms. */
  ahead = 0;

  #code;
  #role;
  #key;
  /** @type {WebSocket | undefined} */
  #socket;
  #failures = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** What is sent once the line is back, the newest of each kind. @type {Map<string, object>} */
  #waiting = new Map();
  /** Tells the hands of this page from those of others. */
  #page = Math.random().toString(36).slice(2, 8);
  #hands = 0;
  /** The last hand. */
  #pressed = { text: "", at: -Infinity };

  /** @param {string} code @param {Role} role @param {string} key */
  constructor(code, role, key) {
    super();
    this.#code = code;
    this.#role = role;
    this.#key = key;
    addEventListener("online", this.#now);
    document.addEventListener("visibilitychange", this.#now);
    this.#connect();
  }

  /**
   * Sends a message. While the line is lost it waits, and only the newest of its
   * kind goes.
   * @param {object} message with one member, its kind
   */
  send(message) {
    if (this.status === "live") this.#socket?.send(JSON.stringify(message));
    else this.#waiting.set(Object.keys(message)[0], message);
  }

  /**
   * Sends a hand of the teacher, unless the same was pressed just now.
   * @param {object} what with one member, its kind
   * @returns {string} its ID, or "" where it was not sent
   */
  hand(what) {
    const at = performance.now();
    const text = JSON.stringify(what);
    if (this.status !== "live" || (text === this.#pressed.text && at - this.#pressed.at < SAME_PRESS)) return "";
    this.#pressed = { text, at };
    const id = `${this.#page}-${++this.#hands}`;
    this.#socket?.send(JSON.stringify({ hand: { id, ...what } }));
    return id;
  }

  /** Goes on with another key: the class has been opened again. @param {string} key */
  renew(key) {
    this.#key = key;
    this.#failures = 0;
    this.#again();
  }

  close() {
    removeEventListener("online", this.#now);
    document.removeEventListener("visibilitychange", this.#now);
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }

  /** The time on the server's clock, in epoch ms. */
  get now() {
    return now() + this.ahead;
  }

  #connect() {
    const url = new URL(`/class/${this.#code}/live`, location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(url);
    this.#socket = socket;
    socket.addEventListener("open", () => socket.send(JSON.stringify({ role: this.#role, key: this.#key, lang: document.documentElement.lang })));
    socket.addEventListener("message", ({ data }) => socket === this.#socket && this.#received(JSON.parse(data)));
    socket.addEventListener("close", ({ code }) => socket === this.#socket && this.#lost(code));
  }

  /** @param {any} message */
  #received(message) {
    if (message.state) {
      this.state = message.state;
      this.ahead = message.state.now - now();
      if (this.status !== "live") {
        this.#failures = 0;
        this.#become("live");
        for (const waiting of this.#waiting.values()) this.send(waiting);
        this.#waiting.clear();
      }
      this.#fire("state", this.state);
    }
    if (message.do) this.#fire("do", message.do);
    if (message.done) this.#fire("done", message.done);
  }

  /** @param {number} code */
  #lost(code) {
    this.#socket = undefined;
    const reason = REASONS[code];
    this.#become(reason ?? "lost");
    if (reason === "refused" || reason === "over") return;
    const delay = Math.min(FIRST_DELAY * 2 ** this.#failures++, LONGEST_DELAY) * (0.5 + Math.random() / 2);
    this.#timer = setTimeout(() => this.#connect(), code === SLOWER.code ? SLOWER.wait : reason ? UNKNOWN_EVERY * (0.75 + Math.random() / 2) : delay);
  }

  /** Tries at once: the network or the reader is back. */
  #now = () => {
    if (this.status === "lost" && !this.#socket && document.visibilityState === "visible") this.#again();
  };

  #again() {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
    this.#connect();
  }

  /** @param {Status} status */
  #become(status) {
    if (status === this.status) return;
    this.status = status;
    this.since = Date.now();
    this.#fire("status", status);
  }

  /** @param {string} name @param {any} detail */
  #fire(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
