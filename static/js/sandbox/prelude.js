// @ts-check
// What a worker runs before a learner's program: the names that the program
// may use, and a report to the page of everything that the browser hands to it.
//
// EventSource, WebSocket, XMLHttpRequest and fetch stay what they are. Subclasses
// listen first and report; the program sees the browser's own objects and events.
//
// The frame puts the text of this function before the program, into one script:
// of what a script from another origin throws, a browser tells nothing.

function prelude() {
  // A program may change anything that it reaches: Array.prototype.push, the
  // getter of event.data, addEventListener. What is reported of it must not
  // change by that. So whatever is used once it runs is taken here, before: no
  // method is looked up afterwards, nothing is spread or iterated over.
  const { bind, call } = Function.prototype;
  /** @type {(method: Function) => (object: any, ...values: any[]) => any} a method as a function of its object */
  const free = bind.bind(call);
  /** @type {(type: any, name: string) => (object: any) => any} */
  const getter = (type, name) => free(/** @type {any} */ (Object.getOwnPropertyDescriptor(type.prototype, name)).get);

  const { JSON, Number, Object, Promise, Reflect, Response, ReadableStream, String } = self;
  const { apply } = Reflect;
  const { defineProperty, setPrototypeOf } = Object;
  const { stringify, parse } = JSON;
  const { abs, min } = Math;
  const { isView } = ArrayBuffer;
  const post = self.postMessage.bind(self);
  const later = self.setTimeout.bind(self);
  const clock = performance.now.bind(performance);
  const { timeOrigin } = performance;
  const place = self.location.href; // of the program, as stack traces write it

  const push = free(Array.prototype.push);
  const has = free(Set.prototype.has);
  const add = free(Set.prototype.add);
  const remove = free(Set.prototype.delete);
  const sizeOf = getter(Set, "size");
  const indexOf = free(String.prototype.indexOf);
  const slice = free(String.prototype.slice);
  const exec = free(RegExp.prototype.exec);
  const then = free(Promise.prototype.then);
  const listen = free(EventTarget.prototype.addEventListener);
  const preventDefault = free(Event.prototype.preventDefault);
  const typeOf = getter(Event, "type");
  const dataOf = getter(MessageEvent, "data");
  const lastEventIdOf = getter(MessageEvent, "lastEventId");

  /**
   * A list that inherits nothing.
   * @param {any} from
   * @param {(value: any) => any} make
   */
  function list(from, make) {
    const made = setPrototypeOf([], null);
    for (let i = 0; i < from.length; i++) push(made, make(from[i]));
    return made;
  }

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
    #counted = clock();

    /** @param {number} now @returns {boolean} whether there is room for one more */
    take(now) {
      this.#left = min(atOnce, this.#left + ((now - this.#counted) * perSecond) / 1000);
      this.#counted = now;
      if (this.#left < 1) return false;
      this.#left--;
      return true;
    }
  }

  /** @type {object[]} */
  let batch = list([], String);
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
    return timeOrigin + now + shift;
  }

  /** @param {number} behind how far the page's clock is behind the time of day, in ms */
  function setClock(behind) {
    const difference = Date.now() - pageTime(clock()) - behind;
    if (abs(difference) > 5) shift = difference; // less is Date.now()'s rounding
  }

  /**
   * @param {string} kind
   * @param {object} [details]
   */
  function report(kind, details) {
    const now = clock();
    if (allowances[kind === "report" ? "program" : "browser"].take(now)) {
      push(batch, { kind, at: pageTime(now), ...details });
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
    sent = clock();
    if (batch.length === 0 && dropped === 0) return;
    post({ reports: batch, dropped });
    batch = list([], String);
    dropped = 0;
  }

  // A program has ended when it has returned and waits for nothing more: no
  // open connection, no timer, no request.
  const waiting = new Set();

  /** @param {unknown} token */
  function done(token) {
    remove(waiting, token);
    if (sizeOf(waiting) > 0) return;
    later(() => {
      if (sizeOf(waiting) > 0) return;
      push(batch, { kind: "end", at: pageTime(clock()) });
      post({ reports: batch, dropped, ended: true });
      batch = list([], String);
    }, 2 * every);
  }

  /**
   * Leaves out what the program dispatches by itself. isTrusted is each event's
   * own, and can't be changed (DOM §2.2).
   * @param {(event: any) => void} listener
   */
  function trusted(listener) {
    return (/** @type {Event} */ event) => {
      if (event.isTrusted) listener(event);
    };
  }

  // --- what went wrong, and where ---

  /** How many lines of the script come before the program. */
  let before = 0;

  /**
   * @param {any} error
   * @param {number} [line] in the script, where the error does not know it
   * @param {number} [column]
   */
  function thrown(error, line = 0, column = 0) {
    let stack = String(error?.stack ?? "");
    for (;;) {
      const at = indexOf(stack, place + ":");
      if (at < 0) break;
      stack = slice(stack, at + place.length + 1);
      const found = exec(/^(\d+):(\d+)/, stack);
      if (!found || Number(found[1]) <= before) continue; // here, on behalf of the program
      line = Number(found[1]);
      column = Number(found[2]);
      break;
    }
    report("throw", { message: format(error), ...(line > before && { line: line - before, column }) });
  }

  const errorOf = getter(ErrorEvent, "error");
  const messageOf = getter(ErrorEvent, "message");
  const lineOf = getter(ErrorEvent, "lineno");
  const columnOf = getter(ErrorEvent, "colno");
  const reasonOf = getter(PromiseRejectionEvent, "reason");

  addEventListener("error", trusted((event) => {
    preventDefault(event);
    thrown(errorOf(event) ?? messageOf(event), lineOf(event), columnOf(event));
  }));
  addEventListener("unhandledrejection", trusted((event) => {
    preventDefault(event);
    thrown(reasonOf(event));
  }));
  // Firefox has this event in documents alone, not in workers (CSP §5.1).
  if (self.SecurityPolicyViolationEvent) {
    const blockedOf = getter(SecurityPolicyViolationEvent, "blockedURI");
    addEventListener("securitypolicyviolation", trusted((event) => report("elsewhere", { address: blockedOf(event) })));
  }
  addEventListener("message", trusted((event) => {
    const data = dataOf(event);
    if (data === "ping") post("pong"); // an endless loop does not answer
    if (data === "turn") begin();
    if (data === "go") go();
    if (data.after) later(() => live(data), data.after);
    else if (data.type) live(data);
  }));

  let go = () => {};

  // --- the page's life, of which a worker does not hear ---

  const page = new EventTarget();
  const dispatch = free(EventTarget.prototype.dispatchEvent);
  const tellWindow = self.dispatchEvent.bind(self);
  const { Event: PageEvent, Int32Array: Cells } = self;
  const { Memory } = WebAssembly;
  const { wait } = Atomics;
  let hidden = false;
  for (const type of ["visibilitychange", "freeze", "resume"]) {
    page.addEventListener(type, (event) => {
      const handler = /** @type {any} */ (page)[`on${type}`];
      if (typeof handler === "function") handler.call(page, event);
    });
  }
  defineProperty(page, "hidden", { get: () => hidden });
  defineProperty(page, "visibilityState", { get: () => (hidden ? "hidden" : "visible") });

  /** @param {{type: string, hidden: boolean, hold?: number}} moment what sandbox.js tells */
  function live({ type, hidden: is, hold = 0 }) {
    hidden = is;
    if (hidden) add(waiting, page); // it may open something once the page is back
    report("page", { type, hidden });
    dispatch(page, new PageEvent(type));
    if (type === "visibilitychange") tellWindow(new PageEvent(type)); // it bubbles (HTML §6.2)
    if (hold > 0) {
      flush();
      stand(hold);
      live({ type: "resume", hidden });
    }
    if (!hidden) done(page);
  }

  /**
   * Runs no code of this worker for so long. Nothing is computed meanwhile, where the
   * browser lets a worker wait.
   * @param {number} ms
   */
  function stand(ms) {
    const end = clock() + ms;
    try {
      const { buffer } = new Memory({ initial: 1, maximum: 1, shared: true });
      wait(new Cells(buffer), 0, 0, ms);
    } catch {
      while (clock() < end);
    }
  }

  // --- turns, for sides that measure and are not to disturb each other ---

  let begin = () => {};

  /** Ends this program's turn, if it has one, and waits for the next. */
  function turn() {
    const token = {};
    add(waiting, token);
    return new Promise((resolve) => {
      begin = () => {
        resolve(undefined);
        done(token);
      };
      post("turn");
    });
  }

  // --- EventSource ---

  const CLOSED = { source: EventSource.CLOSED, socket: WebSocket.CLOSED };
  const urlOfSource = getter(EventSource, "url");
  const stateOfSource = getter(EventSource, "readyState");
  const closeSource = free(EventSource.prototype.close);

  class Source extends EventSource {
    #reported = new Set();

    /**
     * @param {string | URL} url
     * @param {EventSourceInit} [options]
     */
    constructor(url, options) {
      super(url, options);
      add(waiting, this);
      report("request", { address: urlOfSource(this) });
      listen(this, "open", trusted(() => report("open")));
      listen(this, "error", trusted(() => {
        const readyState = stateOfSource(this);
        report("error", { readyState });
        if (readyState === CLOSED.source) done(this);
      }));
      listen(this, "message", trusted(reportMessage));
    }

    /**
     * An event with a name of its own goes to those who asked for it by name.
     * @param {string} type
     * @param {any[]} rest
     */
    addEventListener(type, ...rest) {
      if (type !== "message" && type !== "open" && type !== "error" && !has(this.#reported, type)) {
        add(this.#reported, type);
        listen(this, type, trusted(reportMessage));
      }
      listen(this, type, rest[0], rest[1]);
    }

    close() {
      closeSource(this);
      done(this);
    }
  }

  /** @param {any} event */
  function reportMessage(event) {
    report("message", { type: typeOf(event), ...content(dataOf(event)), lastEventId: lastEventIdOf(event) });
  }

  // --- WebSocket ---

  const urlOfSocket = getter(WebSocket, "url");
  const stateOfSocket = getter(WebSocket, "readyState");
  const sendOn = free(WebSocket.prototype.send);
  const { close: closeSocket } = WebSocket.prototype;
  const codeOf = getter(CloseEvent, "code");
  const closeReasonOf = getter(CloseEvent, "reason");
  const wasCleanOf = getter(CloseEvent, "wasClean");

  class Socket extends WebSocket {
    /**
     * @param {string | URL} url
     * @param {string | string[]} [protocols]
     */
    constructor(url, protocols) {
      super(url, protocols);
      add(waiting, this);
      report("request", { address: urlOfSocket(this) });
      listen(this, "open", trusted(() => report("open")));
      listen(this, "message", trusted((event) => report("message", { type: "message", ...content(dataOf(event)) })));
      listen(this, "error", trusted(() => {
        const readyState = stateOfSocket(this);
        report("error", { readyState });
        // What the frame's policy forbids gets no close event in Chromium.
        if (readyState === CLOSED.socket) done(this);
      }));
      listen(this, "close", trusted((event) => {
        report("close", { code: codeOf(event), reason: closeReasonOf(event), wasClean: wasCleanOf(event) });
        done(this);
      }));
    }

    /** @param {any} data */
    send(data) {
      sendOn(this, data);
      report("send", content(data));
    }

    /** @param {any[]} reason */
    close(...reason) {
      apply(closeSocket, this, reason);
      report("closing");
      // The close event waits for the peer's answer, from a dead one for a
      // minute in Chromium. No program has to be kept alive for that.
      later(() => done(this), closing);
    }
  }

  // --- XMLHttpRequest ---

  const openRequest = XMLHttpRequest.prototype.open;
  const sendRequest = free(XMLHttpRequest.prototype.send);
  const statusOfRequest = getter(XMLHttpRequest, "status");
  const stateOfRequest = getter(XMLHttpRequest, "readyState");
  const loadedOf = getter(ProgressEvent, "loaded");
  const HEADERS_RECEIVED = XMLHttpRequest.HEADERS_RECEIVED;

  class XHR extends XMLHttpRequest {
    #address = "";

    constructor() {
      super();
      let read = 0;
      listen(this, "readystatechange", trusted(() => {
        if (stateOfRequest(this) === HEADERS_RECEIVED) report("fetch", { status: statusOfRequest(this) });
      }));
      listen(this, "progress", trusted((event) => {
        report("read", { bytes: loadedOf(event) - read, done: false });
        read = loadedOf(event);
      }));
      listen(this, "error", trusted(() => report("error", { message: "XMLHttpRequest" })));
      listen(this, "loadend", trusted(() => {
        report("read", { bytes: 0, done: true });
        done(this);
      }));
    }

    /** @param {any[]} values */
    open(...values) {
      apply(openRequest, this, values);
      this.#address = String(values[1]);
    }

    /** @param {any} [body] */
    send(body) {
      sendRequest(this, body);
      add(waiting, this);
      report("request", { address: this.#address });
      if (body != null) report("send", content(body));
    }
  }

  // --- fetch ---

  const nativeFetch = self.fetch.bind(self);
  const urlOfRequest = getter(Request, "url");
  const statusOf = getter(Response, "status");
  const statusTextOf = getter(Response, "statusText");
  const headersOf = getter(Response, "headers");
  const bodyOf = getter(Response, "body");
  const getReader = free(ReadableStream.prototype.getReader);
  const readFrom = free(ReadableStreamDefaultReader.prototype.read);
  const cancelReader = free(ReadableStreamDefaultReader.prototype.cancel);

  /**
   * @param {RequestInfo | URL} resource
   * @param {RequestInit} [options]
   */
  function fetch(resource, options) {
    const token = {};
    let address;
    try {
      address = urlOfRequest(resource);
    } catch {
      address = resource = String(resource); // once: the second time it may be another one
    }
    add(waiting, token);
    report("request", { address });
    if (options?.body != null) report("send", content(options.body));
    return then(
      nativeFetch(resource, options),
      (/** @type {Response} */ response) => {
        const status = statusOf(response);
        report("fetch", { status });
        done(token);
        // Statuses without a body: no Response of that kind can be made with one.
        const body = bodyOf(response);
        const empty = !body || status === 204 || status === 205 || status === 304;
        return empty ? response : readable(response, body);
      },
      (/** @type {unknown} */ error) => {
        report("error", { message: format(error) });
        done(token);
        throw error;
      },
    );
  }

  /**
   * The same response, with each read of its body reported. Nothing is read
   * before the program asks for it.
   * @param {Response} response
   * @param {ReadableStream<Uint8Array>} body
   */
  function readable(response, body) {
    const reader = getReader(body);
    const watched = new ReadableStream(
      {
        pull(controller) {
          add(waiting, reader);
          return then(
            readFrom(reader),
            (/** @type {any} */ { done: finished, value }) => {
              report("read", { bytes: value ? size(value) : 0, done: finished });
              done(reader); // before the next, which fails where the program has let go of the body
              if (finished) controller.close();
              else controller.enqueue(value);
            },
            (/** @type {unknown} */ error) => {
              report("error", { message: format(error) });
              done(reader);
              throw error;
            },
          );
        },
        cancel: (reason) => cancelReader(reader, reason),
      },
      { highWaterMark: 0 },
    );
    const copy = new Response(watched, { status: statusOf(response), statusText: statusTextOf(response), headers: headersOf(response) });
    defineProperty(copy, "url", { value: response.url });
    defineProperty(copy, "type", { value: response.type });
    defineProperty(copy, "redirected", { value: response.redirected });
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
    add(waiting, id);
    return id;
  }

  /**
   * @param {any} action
   * @param {number} [delay]
   * @param {any[]} values
   */
  function watchedInterval(action, delay, ...values) {
    const id = setInterval(action, delay, ...values);
    add(waiting, id);
    return id;
  }

  // --- values as text ---

  /**
   * What a message or a request carried: its text, or how many bytes.
   * @param {any} data
   */
  function content(data) {
    if (typeof data === "string") {
      return data.length > longest ? { data: slice(data, 0, longest), length: data.length } : { data };
    }
    return { data: { bytes: size(data) } };
  }

  const sizes = [getter(ArrayBuffer, "byteLength"), getter(Object.getPrototypeOf(Uint8Array), "byteLength"), getter(DataView, "byteLength"), getter(Blob, "size")];

  /**
   * How many bytes something has; 0 for what has none.
   * @param {any} data
   */
  function size(data) {
    for (let i = 0; i < sizes.length; i++) {
      try {
        return sizes[i](data);
      } catch {
        // it is none of these
      }
    }
    return 0;
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
    return text.length > longest ? slice(text, 0, longest) + "…" : text;
  }

  /** @param {Uint8Array} value */
  function bytes(value) {
    const shown = Array.from(value.subarray(0, 16), (byte) => byte.toString(16).padStart(2, "0"));
    return `${value.length} B: ${shown.join(" ")}${value.length > 16 ? " …" : ""}`;
  }

  /** @param {object} value */
  function json(value) {
    try {
      return stringify(value);
    } catch {
      return undefined; // it refers to itself
    }
  }

  /**
   * A value for an exercise as JSON, in which bytes are a list of numbers.
   * @param {any} value
   */
  function reportable(value) {
    try {
      return stringify(value, (_, inner) => {
        if (inner instanceof ArrayBuffer || inner instanceof DataView) return list(new Uint8Array(inner instanceof DataView ? inner.buffer : inner), Number);
        return isView(inner) ? list(inner, Number) : inner;
      });
    } catch {
      return undefined; // it refers to itself, or holds a BigInt
    }
  }

  // --- the start ---

  /**
   * Makes everything ready for the program, and runs it when the frame says so.
   * @param {Record<string, unknown>} setting url, sendUrl, controls
   * @param {number} behind how far the page's clock is behind the time of day, in ms
   * @param {number} lines how many of the script come before the program
   * @param {() => Promise<void>} program
   */
  function start(setting, behind, lines, program) {
    setClock(behind);
    before = lines;

    /** @param {any[]} values */
    const log = (...values) => report("log", { values: list(values, format) });

    Object.assign(self, {
      ...setting,
      ...(/** @type {any} */ (setting.controls).away && { document: page }),
      log,
      turn,
      /** @param {any} value */
      report: (value) => {
        const text = reportable(value) ?? "null";
        report("report", { value: text.length > largest ? format(value) : parse(text), text: format(value) });
      },
      EventSource: named(Source, "EventSource"),
      WebSocket: named(Socket, "WebSocket"),
      XMLHttpRequest: named(XHR, "XMLHttpRequest"),
      fetch,
      // What these open, nothing here would report.
      Worker: undefined,
      WebTransport: undefined,
      setTimeout: watchedTimeout,
      setInterval: watchedInterval,
      clearTimeout: (/** @type {number} */ id) => (clearTimeout(id), done(id)),
      clearInterval: (/** @type {number} */ id) => (clearInterval(id), done(id)),
      // The page hears of a program through its reports alone.
      start: undefined,
      postMessage: undefined,
    });
    Object.assign(console, { log, info: log, warn: log, error: log });

    add(waiting, program);
    go = () => {
      go = () => {};
      then(program(), () => done(program), (/** @type {unknown} */ error) => {
        thrown(error);
        done(program);
      });
    };
    post("ready");
  }

  /**
   * @param {Function} type
   * @param {string} name the one that a program knows it by
   */
  function named(type, name) {
    return Object.defineProperty(type, "name", { value: name });
  }

  Object.assign(self, { start });
}
