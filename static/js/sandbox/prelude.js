// @ts-check
// What a worker runs before a learner's program: the names that the program
// may use, and a report to the page of everything that the browser hands to it.
//
// EventSource, WebSocket and fetch stay what they are. Subclasses listen first
// and report; the program sees the browser's own objects and events.

(() => {
  const post = self.postMessage.bind(self);
  const later = self.setTimeout.bind(self);
  const place = self.location.href; // of the program, as stack traces write it

  // Reports go to the page in batches, and not without end: a program that
  // logs in a loop must not bury the page. What is over the limit is counted.
  const every = 50; // ms between batches
  const perSecond = 1000; // reports, in the long run
  const atOnce = 2000; // reports
  const longest = 8192; // characters of one message, or of one line of the log
  const closing = 2000; // ms for a peer to answer a closing socket
  const largest = 512 * 1024; // characters of one value for an exercise, as JSON

  class Allowance {
    #left = atOnce;
    #counted = performance.now();

    /** @param {number} now @returns {boolean} whether there is room for one more */
    take(now) {
      this.#left = Math.min(atOnce, this.#left + ((now - this.#counted) * perSecond) / 1000);
      this.#counted = now;
      if (this.#left < 1) return false;
      this.#left--;
      return true;
    }
  }

  /** @type {object[]} */
  let batch = [];
  let dropped = 0;
  /** What the program itself reports is not to be crowded out by what happens to it. */
  const allowances = { program: new Allowance(), browser: new Allowance() };
  let sent = -every;
  let scheduled = false;

  // The page's clock may stand still while a laptop sleeps; that of a worker
  // made afterwards is right. Reports are in the page's time.
  let shift = 0; // ms

  /** @param {number} now on this worker's performance clock */
  function pageTime(now) {
    return performance.timeOrigin + now + shift;
  }

  /** @param {number} behind how far the page's clock is behind the time of day, in ms */
  function setClock(behind) {
    const difference = Date.now() - pageTime(performance.now()) - behind;
    if (Math.abs(difference) > 5) shift = difference; // less is Date.now()'s rounding
  }

  /**
   * @param {string} kind
   * @param {object} [details]
   */
  function report(kind, details) {
    const now = performance.now();
    if (allowances[kind === "report" ? "program" : "browser"].take(now)) {
      batch.push({ kind, at: pageTime(now), ...details });
    } else {
      dropped++;
    }
    if (now - sent >= every) {
      flush(); // a busy loop never gets to a timer
    } else if (!scheduled) {
      scheduled = true;
      later(flush, every);
    }
  }

  function flush() {
    scheduled = false;
    sent = performance.now();
    if (batch.length === 0 && dropped === 0) return;
    post({ reports: batch, dropped });
    batch = [];
    dropped = 0;
  }

  // A program has ended when it has returned and waits for nothing more: no
  // open connection, no timer, no request.
  const waiting = new Set();

  /** @param {unknown} token */
  function done(token) {
    waiting.delete(token);
    if (waiting.size > 0) return;
    later(() => {
      if (waiting.size > 0) return;
      batch.push({ kind: "end", at: pageTime(performance.now()) });
      post({ reports: batch, dropped, ended: true });
      batch = [];
    }, 2 * every);
  }

  // --- what went wrong, and where ---

  /** @param {any} error */
  function thrown(error) {
    const found = String(error?.stack ?? "").split(place + ":")[1]?.match(/^(\d+):(\d+)/);
    report("throw", {
      message: format(error),
      // The program begins on the second line of its script.
      ...(found && { line: Number(found[1]) - 1, column: Number(found[2]) }),
    });
  }

  addEventListener("error", (event) => {
    event.preventDefault();
    if (event.error != null) thrown(event.error);
    else report("throw", { message: event.message, line: event.lineno - 1, column: event.colno });
  });
  addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    thrown(event.reason);
  });
  addEventListener("message", (event) => {
    if (event.data === "ping") post("pong"); // an endless loop does not answer
    if (event.data === "turn") begin();
  });

  // --- turns, for sides that measure and are not to disturb each other ---

  let begin = () => {};

  /** Ends this program's turn, if it has one, and waits for the next. */
  function turn() {
    const token = {};
    waiting.add(token);
    return new Promise((resolve) => {
      begin = () => {
        resolve(undefined);
        done(token);
      };
      post("turn");
    });
  }

  // --- EventSource ---

  class Source extends EventSource {
    #reported = new Set(["message", "open", "error"]);

    /**
     * @param {string | URL} url
     * @param {EventSourceInit} [options]
     */
    constructor(url, options) {
      super(url, options);
      waiting.add(this);
      report("request", { address: this.url });
      super.addEventListener("open", () => report("open"));
      super.addEventListener("error", () => {
        report("error", { readyState: this.readyState });
        if (this.readyState === EventSource.CLOSED) done(this);
      });
      super.addEventListener("message", reportMessage);
    }

    /**
     * An event with a name of its own goes to those who asked for it by name.
     * @param {string} type
     * @param {any[]} rest
     */
    addEventListener(type, ...rest) {
      if (!this.#reported.has(type)) {
        this.#reported.add(type);
        super.addEventListener(type, reportMessage);
      }
      // @ts-ignore: whatever the program gave
      super.addEventListener(type, ...rest);
    }

    close() {
      super.close();
      done(this);
    }
  }

  /** @param {any} event */
  function reportMessage(event) {
    report("message", { type: event.type, ...content(event.data), lastEventId: event.lastEventId });
  }

  // --- WebSocket ---

  class Socket extends WebSocket {
    /**
     * @param {string | URL} url
     * @param {string | string[]} [protocols]
     */
    constructor(url, protocols) {
      super(url, protocols);
      waiting.add(this);
      report("request", { address: this.url });
      super.addEventListener("open", () => report("open"));
      super.addEventListener("message", (event) => report("message", { type: "message", ...content(event.data) }));
      super.addEventListener("error", () => {
        report("error", { readyState: this.readyState });
        // What the frame's policy forbids gets no close event in Chromium.
        if (this.readyState === WebSocket.CLOSED) done(this);
      });
      super.addEventListener("close", ({ code, reason, wasClean }) => {
        report("close", { code, reason, wasClean });
        done(this);
      });
    }

    /** @param {any} data */
    send(data) {
      super.send(data);
      report("send", content(data));
    }

    /** @param {any[]} reason */
    close(...reason) {
      super.close(...reason);
      // The close event waits for the peer's answer, from a dead one for a
      // minute in Chromium. No program has to be kept alive for that.
      later(() => done(this), closing);
    }
  }

  // --- fetch ---

  const nativeFetch = self.fetch.bind(self);

  /**
   * @param {RequestInfo | URL} resource
   * @param {RequestInit} [options]
   */
  async function fetch(resource, options) {
    const token = {};
    waiting.add(token);
    report("request", { address: String(/** @type {any} */ (resource)?.url ?? resource) });
    if (options?.body != null) report("send", content(options.body));
    try {
      const response = await nativeFetch(resource, options);
      report("fetch", { status: response.status });
      // Statuses without a body: no Response of that kind can be made with one.
      const empty = !response.body || [204, 205, 304].includes(response.status);
      return empty ? response : readable(response, response.body);
    } catch (error) {
      report("error", { message: format(error) });
      throw error;
    } finally {
      done(token);
    }
  }

  /**
   * The same response, with each read of its body reported. Nothing is read
   * before the program asks for it.
   * @param {Response} response
   * @param {ReadableStream<Uint8Array>} body
   */
  function readable(response, body) {
    const reader = body.getReader();
    const watched = new ReadableStream(
      {
        async pull(controller) {
          waiting.add(reader);
          try {
            const { done: finished, value } = await reader.read();
            report("read", { bytes: value?.length ?? 0, done: finished });
            if (finished) controller.close();
            else controller.enqueue(value);
          } catch (error) {
            report("error", { message: format(error) });
            throw error;
          } finally {
            done(reader);
          }
        },
        cancel: (reason) => reader.cancel(reason),
      },
      { highWaterMark: 0 },
    );
    const copy = new Response(watched, response);
    for (const name of /** @type {const} */ (["url", "type", "redirected"])) {
      Object.defineProperty(copy, name, { value: response[name] });
    }
    return copy;
  }

  // --- timers, which keep a program alive ---

  const { setTimeout, clearTimeout, setInterval, clearInterval } = self;

  /**
   * @param {Function} action
   * @param {number} [delay]
   * @param {any[]} values
   */
  function watchedTimeout(action, delay, ...values) {
    const id = setTimeout(() => {
      try {
        action(...values);
      } finally {
        done(id);
      }
    }, delay);
    waiting.add(id);
    return id;
  }

  /**
   * @param {any} action
   * @param {number} [delay]
   * @param {any[]} values
   */
  function watchedInterval(action, delay, ...values) {
    const id = setInterval(action, delay, ...values);
    waiting.add(id);
    return id;
  }

  // --- values as text ---

  /**
   * What a message or a request carried: its text, or how many bytes.
   * @param {any} data
   */
  function content(data) {
    if (typeof data === "string") {
      return data.length > longest ? { data: data.slice(0, longest), length: data.length } : { data };
    }
    return { data: { bytes: data?.byteLength ?? data?.size ?? 0 } };
  }

  /**
   * A value as a line of the log.
   * @param {any} value
   */
  function format(value) {
    let text;
    if (typeof value === "string") text = value;
    else if (value instanceof Error || value instanceof DOMException) text = `${value.name}: ${value.message}`;
    else if (value instanceof Event) text = `${value.constructor.name} "${value.type}"`;
    else if (value instanceof ArrayBuffer) text = bytes(new Uint8Array(value));
    else if (ArrayBuffer.isView(value)) text = bytes(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    else if (value instanceof Blob) text = `Blob, ${value.size} B`;
    else if (typeof value === "object" && value !== null) text = json(value) ?? String(value);
    else text = String(value);
    return text.length > longest ? text.slice(0, longest) + "…" : text;
  }

  /** @param {Uint8Array} value */
  function bytes(value) {
    const shown = Array.from(value.subarray(0, 16), (byte) => byte.toString(16).padStart(2, "0"));
    return `${value.length} B: ${shown.join(" ")}${value.length > 16 ? " …" : ""}`;
  }

  /** @param {object} value */
  function json(value) {
    try {
      return JSON.stringify(value);
    } catch {
      return undefined; // it refers to itself
    }
  }

  // --- the start ---

  /**
   * @param {Record<string, unknown>} setting url, sendUrl, controls
   * @param {number} behind how far the page's clock is behind the time of day, in ms
   * @param {() => Promise<void>} program
   */
  function start(setting, behind, program) {
    setClock(behind);

    /** @param {any[]} values */
    const log = (...values) => report("log", { values: values.map(format) });

    Object.assign(self, {
      ...setting,
      log,
      turn,
      /** @param {any} value */
      report: (value) => {
        const text = json(value) ?? "null";
        report("report", { value: text.length > largest ? format(value) : JSON.parse(text), text: format(value) });
      },
      EventSource: named(Source, "EventSource"),
      WebSocket: named(Socket, "WebSocket"),
      fetch,
      setTimeout: watchedTimeout,
      setInterval: watchedInterval,
      clearTimeout: (/** @type {number} */ id) => (clearTimeout(id), done(id)),
      clearInterval: (/** @type {number} */ id) => (clearInterval(id), done(id)),
      // The page hears of a program through its reports alone.
      start: undefined,
      postMessage: undefined,
    });
    Object.assign(console, { log, info: log, warn: log, error: log });

    waiting.add(program);
    program()
      .catch(thrown)
      .finally(() => done(program));
  }

  /**
   * @param {Function} type
   * @param {string} name the one that a program knows it by
   */
  function named(type, name) {
    return Object.defineProperty(type, "name", { value: name });
  }

  Object.assign(self, { start });
})();
