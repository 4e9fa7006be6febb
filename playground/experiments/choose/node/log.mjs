const kept = 1000; // lines: a client that was away for longer sees the gap by their numbers

// A Log keeps the lines that a program publishes, for clients
// that come later or come back.
export class Log {
  last = 0; // number of the newest line
  #lines = []; // the newest
  #followers = new Set();

  /** @param {number} of how many lines there will be */
  constructor(of) {
    this.of = of;
  }

  publish(text) {
    const line = { line: ++this.last, of: this.of, text };
    this.#lines.push(line);
    if (this.#lines.length > kept) this.#lines.shift();
    for (const onLine of this.#followers) onLine(line);
  }

  // follow calls onLine with the lines after line n, and then with
  // each that is published. It returns a function that ends it.
  follow(n, onLine) {
    for (const line of this.#lines) if (line.line > n) onLine(line);
    this.#followers.add(onLine); // in the same turn: nothing is published in between
    return () => this.#followers.delete(onLine);
  }

  // had returns the number of the line that a client had last, 0
  // for none: EventSource says it in Last-Event-ID, other clients
  // in the URL. It is input: a number that the log never gave is none.
  had({ headers, url }) {
    const given = headers["last-event-id"] || /[?&]from=([^&]*)/.exec(url)?.[1];
    const n = /^\d{1,9}$/.test(given) ? Number(given) : 0;
    return n > this.last ? 0 : n;
  }
}
