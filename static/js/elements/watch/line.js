// @ts-check
// The page's line to `seewire watch`: it says the key, gets the rows, and sends what
// is to be done.

/**
 * @typedef {import("./rows.js").Row} Row
 * @typedef {{hold: boolean, delay: boolean, quiet: boolean, answer: number}} Settings
 * @typedef {{target: string, listens: string, began: string, secrets: boolean}} About
 */

const FIRST_DELAY = 500; // ms, doubled at each failure
const LONGEST_DELAY = 10_000; // ms

/** The close code for a key that is none. */
const REFUSED = 1008;
/** The close code of a program that ends. */
const OVER = 1001;

/** Fires 'news' when rows or anything else has changed, and 'state' when `state` has. */
export class Line extends EventTarget {
  /** "connecting", "live", "lost" (trying again), "over" (it has ended; trying again) or "refused" */
  state = "connecting";
  /** @type {Map<string, Row>} */
  rows = new Map();
  total = 0;
  letGo = 0;
  held = 0;
  /** @type {About|undefined} */
  about;
  /** What to take from a time of the program to have it on the browser's clock, in ms. */
  offset = 0;
  /** @type {{all: Settings, by: Record<string, Settings>}} */
  settings = { all: NONE, by: {} };

  #key;
  /** @type {WebSocket|undefined} */
  #socket;
  #failures = 0;
  #asked = 0;
  /** Those who wait for an answer, by its number. @type {Map<number, (answer: any) => void>} */
  #waiting = new Map();

  /** @param {string} key */
  constructor(key) {
    super();
    this.#key = key;
    this.#connect();
  }

  /** @param {string} id a row, for what has its path; "" for all @param {Settings} to */
  set(id, to) {
    this.#send({ set: { id, to } });
  }

  /** @param {string} id a row; "" for all that is open @param {"reset"|"end"|"silence"} how */
  cut(id, how) {
    this.#send({ cut: { id, how } });
  }

  /** The rows in whose bytes a text stands. @param {string} text @returns {Promise<Set<string>>} */
  async search(text) {
    const { found } = await this.#ask((number) => ({ search: { text, number } }));
    return new Set(found);
  }

  /** What lets one file of all be fetched. @returns {Promise<string>} */
  async ticket() {
    return (await this.#ask((number) => ({ ticket: number }))).ticket;
  }

  /** @param {(number: number) => object} question @returns {Promise<any>} */
  #ask(question) {
    const number = ++this.#asked;
    this.#send(question(number));
    return new Promise((resolve) => this.#waiting.set(number, resolve));
  }

  /** @param {object} hand */
  #send(hand) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(hand));
  }

  #connect() {
    const url = new URL("/watch/live", location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(url);
    this.#socket = socket;
    let fresh = true;
    socket.onopen = () => socket.send(JSON.stringify({ key: this.#key }));
    socket.onmessage = (event) => {
      const message = JSON.parse(event.data);
      if (message.about) {
        if (this.about && this.about.began !== message.about.began) this.rows.clear();
        this.about = message.about;
        this.offset = Date.parse(message.now) - Date.now();
        this.#failures = 0;
        this.#become("live");
      } else if (message.news) {
        this.#take(message.news, fresh);
        fresh = false;
      } else {
        this.#waiting.get(message.number)?.(message);
        this.#waiting.delete(message.number);
      }
    };
    socket.onclose = ({ code }) => {
      if (code === REFUSED) return this.#become("refused");
      this.#become(code === OVER ? "over" : "lost");
      const delay = Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** this.#failures++);
      setTimeout(() => this.#connect(), delay);
    };
  }

  /** @param {any} news @param {boolean} fresh the line has come back: it tells all */
  #take(news, fresh) {
    if (fresh) this.rows.clear();
    for (const row of news.rows ?? []) this.rows.set(row.id, row);
    for (const id of news.gone ?? []) this.rows.delete(id);
    this.total = news.total;
    this.letGo = news.letGo;
    this.held = news.held;
    if (news.settings) this.settings = news.settings;
    this.dispatchEvent(new Event("news"));
  }

  /** @param {string} state */
  #become(state) {
    if (state === this.state) return;
    this.state = state;
    this.dispatchEvent(new Event("state"));
  }
}

/** No fault is on. @type {Settings} */
export const NONE = { hold: false, delay: false, quiet: false, answer: 0 };
