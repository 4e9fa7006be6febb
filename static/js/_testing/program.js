// @ts-check
// Runs a client program of an experiment as it is, with what a test gives it.

import { readFileSync } from "node:fs";

/** A function whose body is a program that may await. */
const Program = /** @type {new (...text: string[]) => (...given: unknown[]) => Promise<void>} */ (
  Object.getPrototypeOf(async () => {}).constructor
);

/**
 * Starts a program. What it logs is in `logged`, a line each; an error that ends
 * it is the last of them.
 * @param {URL} file
 * @param {Record<string, unknown>} given what the program finds under these names
 */
export function start(file, given) {
  /** @type {string[]} */
  const logged = [];
  const all = { url: "http://here/sse", controls: {}, log: (/** @type {unknown[]} */ ...values) => logged.push(values.join(" ")), ...given };
  const program = new Program(...Object.keys(all), readFileSync(file, "utf8"));
  const ended = program(...Object.values(all)).catch((/** @type {unknown} */ error) => void logged.push(String(error)));
  return { logged, ended };
}

/**
 * A response whose body comes in pieces.
 * @param {(string|Uint8Array)[]} pieces
 * @param {{status?: number, type?: string, hangs?: boolean}} [more] the body that hangs has no end
 */
export function response(pieces, { status = 200, type = "text/event-stream", hangs = false } = {}) {
  const rest = pieces.map((piece) => (typeof piece === "string" ? new TextEncoder().encode(piece) : piece));
  const seen = { cancelled: false };
  const body = new ReadableStream(
    {
      pull(controller) {
        const piece = rest.shift();
        if (piece) controller.enqueue(piece);
        else if (hangs) return new Promise(() => {});
        else controller.close();
      },
      cancel() {
        seen.cancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  return Object.assign(new Response(body, { status, headers: { "Content-Type": type } }), { seen });
}

/** What EventSource and WebSocket have in common, for a test to fire events at. */
export class Connection extends EventTarget {
  static CONNECTING = 0;
  static OPEN = 1;
  static CLOSED = 2; // of a WebSocket it is 3, which no program asks for
  CONNECTING = 0;
  OPEN = 1;
  CLOSED = 2;
  readyState = 0;
  bufferedAmount = 0;
  /** @type {unknown[]} */
  sent = [];

  /** @param {string|URL} url */
  constructor(url) {
    super();
    this.url = String(url);
    const all = /** @type {typeof Connection} */ (this.constructor).all;
    all.push(this);
  }

  /** Those that there are, in the order in which they were made. @type {Connection[]} */
  static all = [];

  /** @param {unknown} message */
  send(message) {
    this.sent.push(message);
  }

  close() {
    this.readyState = 2;
  }

  /** @param {string} type @param {object} [details] */
  fire(type, details = {}) {
    const event = Object.assign(new Event(type), details);
    this.dispatchEvent(event);
    /** @type {any} */ (this)["on" + type]?.(event);
  }
}

/** A class of its own for a test. */
export function connections() {
  return class extends Connection {
    /** @type {Connection[]} */
    static all = [];
  };
}
