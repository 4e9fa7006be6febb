// @ts-check
// Runs the prelude with stand-ins for what a browser has in a worker.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mock, test } from "node:test";
import vm from "node:vm";

const prelude = readFileSync(new URL("./prelude.js", import.meta.url), "utf8");
const place = "blob:null/program";

/** An event class whose instances have their details by getters of its prototype. @param {string[]} names @param {any} [Base] */
function eventClass(names, Base = class {}) {
  class Event extends Base {
    /** @param {string} type @param {any} [details] @param {boolean} [isTrusted] */
    constructor(type, details = {}, isTrusted = false) {
      super(type, details, isTrusted);
      this.own = { type, ...details };
      Object.defineProperty(this, "isTrusted", { value: isTrusted });
    }
    preventDefault() {}
  }
  for (const name of names) Object.defineProperty(Event.prototype, name, { get() { return this.own[name]; }, configurable: true }); // prettier-ignore
  return Event;
}
const Event = eventClass(["type"]);
const MessageEvent = eventClass(["data", "lastEventId"], Event);
const ErrorEvent = eventClass(["error", "message", "lineno", "colno"], Event);
const PromiseRejectionEvent = eventClass(["reason"], Event);
const CloseEvent = eventClass(["code", "reason", "wasClean"], Event);

/** @type {Record<string, any>} */
const classes = { open: Event, close: CloseEvent, error: ErrorEvent, unhandledrejection: PromiseRejectionEvent };

class EventTarget {
  /** @type {[string, Function][]} */
  listeners = [];

  /** @param {string} type @param {Function} listener */
  addEventListener(type, listener) {
    this.listeners.push([type, listener]);
  }

  /** @param {any} event */
  dispatchEvent(event) {
    for (const [type, listener] of this.listeners) if (type === event.own.type) listener(event);
  }

  /** What the browser does. @param {string} type @param {object} [details] */
  fire(type, details = {}) {
    this.dispatchEvent(new (classes[type] ?? MessageEvent)(type, details, true));
  }
}

const SecurityPolicyViolationEvent = eventClass(["blockedURI"], Event);
const ProgressEvent = eventClass(["loaded"], Event);

/** What EventSource and WebSocket have in common. */
function connectionClass() {
  return class extends EventTarget {
    state = 0;

    /** @param {string} url */
    constructor(url) {
      super();
      this.address = url;
    }

    get url() {
      return this.address;
    }

    get readyState() {
      return this.state;
    }

    close() {
      this.state = 2;
    }

    /** @param {any} data */
    send(data) {
      this.sent = data;
    }
  };
}

/** A request by XMLHttpRequest, answered when the test says so. */
class Xhr extends EventTarget {
  static HEADERS_RECEIVED = 2;
  get status() {
    return 200;
  }
  get readyState() {
    return 2;
  }
  /** @param {string} method @param {string} url */
  open(method, url) {
    if (!method || !url) throw new TypeError("not enough arguments");
  }
  send() {}
}

/**
 * Runs a program as the sandbox does: in one script with the prelude.
 * @param {string} program
 * @param {Record<string, unknown>} [more]
 * @param {number} [behind]
 * @param {object} [controls]
 */
function run(program, more = {}, behind = 0, controls = {}) {
  /** @type {any[]} */
  const posted = [];
  const target = new EventTarget();
  const self = {
    ...{ URL, Blob, Request, Response, ReadableStream, ReadableStreamDefaultReader, TextDecoder, DOMException, Date, performance, console: {} },
    ...{ Event, MessageEvent, ErrorEvent, PromiseRejectionEvent, CloseEvent, EventTarget, SecurityPolicyViolationEvent, ProgressEvent },
    ...{ setTimeout, clearTimeout, setInterval, clearInterval },
    EventSource: Object.assign(connectionClass(), { CLOSED: 2 }),
    WebSocket: Object.assign(connectionClass(), { CLOSED: 3 }),
    XMLHttpRequest: Xhr,
    fetch: async () => new Response("hello"),
    location: { href: place },
    addEventListener: target.addEventListener.bind(target),
    dispatchEvent: target.dispatchEvent.bind(target),
    postMessage: (/** @type {any} */ message) => posted.push(structuredClone(message)),
    ...more,
  };
  const context = vm.createContext(Object.assign(self, { self }));
  vm.runInContext(prelude, context);
  const first = vm.runInContext("`(${prelude})();`", context);
  const begin = `start({url: "http://here/sse", controls: ${JSON.stringify({ total: 3, ...controls })}}, ${behind}, ${first.split("\n").length}, async () => {"use strict";\n`;
  vm.runInContext(`${first}${begin}${program}\n});`, context, { filename: place });
  target.fire("message", { data: "go" });
  return {
    posted,
    target,
    self: /** @type {any} */ (self),
    /** But for those of what was asked for, which are a test's of their own. */
    get reports() {
      return posted.flatMap((batch) => batch.reports ?? []).filter(({ kind }) => kind !== "request");
    },
    get requests() {
      return posted.flatMap((batch) => batch.reports ?? []).filter(({ kind }) => kind === "request");
    },
    get ended() {
      return posted.some((batch) => batch.ended);
    },
  };
}

/** Lets promises and timers of this many milliseconds come to pass. @param {number} ms */
async function pass(ms) {
  for (let i = 0; i < ms; i += 10) {
    mock.timers.tick(10);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test.beforeEach(() => mock.timers.enable({ apis: ["setTimeout", "setInterval"] }));
test.afterEach(() => mock.timers.reset());

/** @param {any[]} reports */
const kinds = (reports) => reports.map((/** @type {any} */ report) => report.kind);

test("a program logs, reports and ends", async () => {
  const program = run('log("a", 1, {b: [2]}, undefined); report({total: controls.total});');
  await pass(300);
  assert.deepEqual(kinds(program.reports), ["log", "report", "end"]);
  assert.deepEqual(program.reports[0].values, ["a", "1", '{"b":[2]}', "undefined"]);
  assert.deepEqual(program.reports[1].value, { total: 3 });
});

test("an open connection or a timer keeps a program alive", async () => {
  const program = run('const source = new EventSource(url); setTimeout(() => source.close(), 500);');
  await pass(450);
  assert.equal(program.ended, false);
  await pass(300);
  assert.equal(program.ended, true);
});

test("a program is told what happens to the page, and is kept alive until it is back", async () => {
  const program = run(
    'document.addEventListener("visibilitychange", () => log(document.visibilityState, document.hidden)); document.addEventListener("freeze", () => log("freeze")); document.addEventListener("resume", () => log("resume"));',
    { ArrayBuffer },
    0,
    { away: "frozen" },
  );
  program.target.fire("message", { data: { type: "visibilitychange", hidden: true } });
  await pass(500);
  assert.equal(program.ended, false);
  program.target.fire("message", { data: { type: "freeze", hidden: true, hold: 1 } });
  program.target.fire("message", { data: { type: "visibilitychange", hidden: false, after: 100 } });
  await pass(300);
  assert.deepEqual(program.reports.filter(({ kind }) => kind === "log").map(({ values }) => values.join(" ")), ["hidden true", "freeze", "resume", "visible false"]);
  assert.deepEqual(program.reports.filter(({ kind }) => kind === "page").map(({ type, hidden }) => [type, hidden]), [
    ["visibilitychange", true],
    ["freeze", true],
    ["resume", true],
    ["visibilitychange", false],
  ]);
  assert.equal(program.ended, true);
});

test("what happens to the page is told to a handler that is a property, and to the window", async () => {
  const program = run(
    'document.onvisibilitychange = function (event) { log(this === document, event.type); }; document.onfreeze = () => log("freeze"); document.onresume = () => log("resume"); addEventListener("visibilitychange", () => log("window"));',
    { ArrayBuffer },
    0,
    { away: "frozen" },
  );
  program.target.fire("message", { data: { type: "visibilitychange", hidden: true } });
  program.target.fire("message", { data: { type: "freeze", hidden: true, hold: 1 } });
  await pass(200);
  assert.deepEqual(program.reports.filter(({ kind }) => kind === "log").map(({ values }) => values.join(" ")), ["true visibilitychange", "window", "freeze", "resume"]);
});

test("where a page is not left, a program finds none", async () => {
  const program = run("log(typeof document);");
  await pass(300);
  assert.deepEqual(program.reports[0].values, ["undefined"]);
});

test("a program waits for its turn, and that keeps it alive", async () => {
  const program = run('log("before"); await turn(); log("after");');
  await pass(500);
  assert.equal(program.ended, false);
  assert.equal(program.posted.filter((message) => message === "turn").length, 1);
  program.target.fire("message", { data: "turn" });
  await pass(300);
  assert.deepEqual(kinds(program.reports), ["log", "log", "end"]);
});

test("what a program reports is not crowded out by what it logs", async () => {
  const program = run('for (let i = 0; i < 10_000; i++) log(i); report("done");');
  await pass(300);
  assert.equal(program.reports.at(-2).value, "done");
});

test("what a timer does belongs to the program", async () => {
  const program = run('setTimeout(log, 500, "late"); const every = setInterval(log, 400, "again"); setTimeout(() => clearInterval(every), 900);');
  await pass(1200);
  assert.deepEqual(
    program.reports.map(({ kind, values }) => values?.[0] ?? kind),
    ["again", "late", "again", "end"],
  );
});

test("a connection that has failed for good is not waited for", async () => {
  const program = run("self.source = new EventSource(url);");
  await pass(200);
  assert.equal(program.ended, false);
  program.self.source.state = 2;
  program.self.source.fire("error");
  await pass(200);
  assert.deepEqual(kinds(program.reports), ["error", "end"]);
});

test("events are reported as they are handed over, those with a name of their own too", async () => {
  const program = run('self.source = new EventSource(url); source.addEventListener("price", (event) => log(event.data));');
  program.self.source.fire("open");
  program.self.source.fire("message", { data: "1", lastEventId: "7" });
  program.self.source.fire("price", { data: "2", lastEventId: "7" });
  program.self.source.fire("nobody listens", { data: "3" });
  await pass(100);
  assert.deepEqual(
    program.reports.map(({ kind, type, data }) => [kind, type, data]),
    [
      ["open", undefined, undefined],
      ["message", "message", "1"],
      ["message", "price", "2"],
      ["log", undefined, undefined],
    ],
  );
});

test("a socket says what it sends, gets, and how it closes", async () => {
  const program = run('self.socket = new WebSocket(url); socket.send("up"); socket.send(new Uint8Array(5));');
  program.self.socket.fire("message", { data: new ArrayBuffer(9) });
  program.self.socket.fire("close", { code: 1006, reason: "", wasClean: false });
  await pass(300);
  assert.deepEqual(kinds(program.reports), ["send", "send", "message", "close", "end"]);
  assert.deepEqual(
    program.reports.slice(0, 3).map(({ data }) => data),
    ["up", { bytes: 5 }, { bytes: 9 }],
  );
  assert.equal(program.reports[3].code, 1006);
});

test("a program does not wait for ever for a peer that does not answer its close", async () => {
  const program = run("self.socket = new WebSocket(url); socket.close(1000);");
  await pass(1500);
  assert.equal(program.ended, false);
  await pass(800);
  assert.equal(program.ended, true);
});

test("a fetch body is reported read by read, and stays a body", async () => {
  const program = run("const response = await fetch(url); log(response.status, await response.text());");
  await pass(300);
  assert.deepEqual(kinds(program.reports), ["fetch", "read", "read", "log", "end"]);
  assert.equal(program.reports[1].bytes, 5);
  assert.deepEqual(program.reports[3].values, ["200", "hello"]);
});

test("what a program asks for is reported before anything comes of it", async () => {
  const program = run('new EventSource(url + "?1"); new WebSocket("ws://here/ws"); fetch(url); fetch(new URL(url + "?2"));');
  await pass(100);
  assert.deepEqual(
    program.requests.map(({ address }) => address),
    ["http://here/sse?1", "ws://here/ws", "http://here/sse", "http://here/sse?2"],
  );
});

test("an answer without a body stays one", async () => {
  // Chromium gives an empty body to a 204 from another origin.
  class NoContent {
    get status() {
      return 204;
    }
    get body() {
      return new ReadableStream();
    }
    get statusText() {
      return "";
    }
    get headers() {
      return new Headers();
    }
  }
  const program = run("log((await fetch(url)).status);", { Response: NoContent, fetch: async () => new NoContent() });
  await pass(300);
  assert.deepEqual(program.reports.find(({ kind }) => kind === "log").values, ["204"]);
});

test("an error says where in the program it was", async () => {
  const program = run('log("first");\n  nobody();');
  await pass(300);
  const thrown = program.reports.find(({ kind }) => kind === "throw");
  assert.match(thrown.message, /ReferenceError: nobody is not defined/);
  assert.deepEqual([thrown.line, thrown.column], [2, 3]);
});

test("an error of a method of the browser says where in the program it was called, in a handler and in a promise", async () => {
  const Closing = Object.assign(connectionClass(), { CLOSED: 3 });
  Closing.prototype.close = () => {
    throw new DOMException("the code must be 1000", "InvalidAccessError");
  };
  const program = run('self.socket = new WebSocket(url);\nself.end = () => {\n  socket.close(1001);\n};', { WebSocket: Closing });
  await pass(100);
  for (const type of ["error", "unhandledrejection"]) {
    const caught = (() => {
      try {
        program.self.end();
      } catch (error) {
        return error;
      }
    })();
    program.target.fire(type, { error: caught, reason: caught, lineno: 1, colno: 1, message: "" });
  }
  await pass(100);
  const thrown = program.reports.filter(({ kind }) => kind === "throw");
  assert.deepEqual(thrown.map(({ line, column }) => [line, column]), [[3, 10], [3, 10]]);
  assert.match(thrown[0].message, /InvalidAccessError/);
});

test("an error that has no stack is where the browser says", async () => {
  const program = run("self.first = 0;");
  const [line] = /^.*$/m.exec(String(program.self.prelude)) ?? [];
  assert.ok(line);
  const before = `(${program.self.prelude})();`.split("\n").length;
  program.target.fire("error", { error: "bad", message: "Uncaught bad", lineno: before + 4, colno: 2 });
  await pass(100);
  const { message, ...place } = program.reports.find(({ kind }) => kind === "throw");
  assert.deepEqual([message, place.line, place.column], ["bad", 4, 2]);
});

test("a request by XMLHttpRequest keeps a program alive, and is reported", async () => {
  const program = run('self.request = new XMLHttpRequest(); request.open("POST", url); request.send("hi");');
  await pass(300);
  assert.equal(program.ended, false);
  assert.deepEqual(program.requests.map(({ address }) => address), ["http://here/sse"]);
  program.self.request.fire("readystatechange");
  program.self.request.fire("progress", { loaded: 3 });
  program.self.request.fire("progress", { loaded: 8 });
  program.self.request.fire("loadend");
  await pass(300);
  assert.deepEqual(kinds(program.reports), ["send", "fetch", "read", "read", "read", "end"]);
  assert.deepEqual(program.reports.slice(2, 5).map(({ bytes, done }) => [bytes, done]), [[3, false], [5, false], [0, true]]);
});

test("bytes are reported as a list of numbers", async () => {
  const program = run(`
    report(new Uint8Array([1, 200]));
    report(new Uint8Array([1, 2, 3]).subarray(1).buffer);
    report({ bytes: new Float32Array([0.5]) });
    report(undefined);
    report(10n);`);
  await pass(100);
  assert.deepEqual(program.reports.filter(({ kind }) => kind === "report").map(({ value }) => value), [[1, 200], [1, 2, 3], { bytes: [0.5] }, null, null]);
});

test("where workers have no event for what the policy forbids, programs run all the same", async () => {
  const program = run('log("a");', { SecurityPolicyViolationEvent: undefined });
  await pass(300);
  assert.deepEqual(kinds(program.reports), ["log", "end"]);
});

test("what the policy forbids is said to be elsewhere", async () => {
  const program = run("self.first = 0;");
  program.target.dispatchEvent(new SecurityPolicyViolationEvent("securitypolicyviolation", { blockedURI: "https://example.com" }, true));
  await pass(100);
  assert.deepEqual(program.reports.filter(({ kind }) => kind === "elsewhere").map(({ address }) => address), ["https://example.com"]);
});

test("what is thrown need not be an error", async () => {
  const program = run("throw 5;");
  await pass(300);
  const thrown = program.reports.find(({ kind }) => kind === "throw");
  assert.deepEqual([thrown.message, thrown.line], ["5", undefined]);
});

test("a program that logs without end does not bury the page", async () => {
  const program = run("for (let i = 0; i < 100000; i++) log(i);");
  await pass(300);
  const logged = program.reports.filter(({ kind }) => kind === "log").length;
  const dropped = program.posted.reduce((sum, batch) => sum + (batch.dropped ?? 0), 0);
  assert.equal(logged + dropped, 100_000);
  assert.ok(logged >= 2000 && logged < 10_000, `${logged} lines went to the page`);
  assert.ok(program.posted.length < 200, `in ${program.posted.length} messages`);
  assert.equal(program.ended, true);
});

test("times are the page's, whose clock may have stood still", async () => {
  const hour = 3_600_000;
  const program = run("log(1)", {}, hour);
  await pass(100);
  assert.ok(Math.abs(program.reports[0].at - (Date.now() - hour)) < 1000, String(program.reports[0].at));
});

test("a long text is cut, and its length said", async () => {
  const program = run("self.socket = new WebSocket(url);");
  program.self.socket.fire("message", { data: "x".repeat(20_000) });
  await pass(100);
  const [message] = program.reports;
  assert.deepEqual([message.data.length, message.length], [8192, 20_000]);
});

test("a body that a program lets go of is not waited for", async () => {
  const body = () =>
    new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode("hello"));
      },
    });
  const program = run(
    "const reader = (await fetch(url)).body.getReader(); await reader.read(); reader.read(); await reader.cancel(); log('done');",
    { fetch: async () => new Response(body()) },
  );
  await pass(500);
  assert.deepEqual(program.reports.find(({ kind }) => kind === "log").values, ["done"]);
  assert.equal(program.ended, true);
});

test("what a program changes in the language does not change what is reported of it", async () => {
  const program = run(`
    const forge = () => "FORGED";
    const getters = [[Event, "type"], [MessageEvent, "data"], [MessageEvent, "lastEventId"], [CloseEvent, "code"],
      [Response, "status"], [EventSource, "url"], [WebSocket, "url"]];
    getters.forEach(([type, name]) => Object.defineProperty(type.prototype, name, { get: forge }));
    ["kind", "at", "0", "reports"].forEach((name) => Object.defineProperty(Object.prototype, name, { get: forge, set: forge }));
    Array.prototype.push = function () { return this[this.length] = { kind: "FORGED" }; };
    Array.prototype.map = Array.prototype[Symbol.iterator] = forge;
    Set.prototype.has = Set.prototype.add = Set.prototype.delete = forge;
    String.prototype.slice = String.prototype.indexOf = forge;
    Function.prototype.call = Function.prototype.apply = Function.prototype.bind = forge;
    Promise.prototype.then = Promise.prototype.catch = Promise.prototype.finally = forge;
    JSON.stringify = JSON.parse = Math.min = performance.now = forge;
    EventTarget.prototype.addEventListener = (type, listener) => listener(new MessageEvent("message", { data: "FORGED" }));
    self.String = self.JSON = self.Promise = self.Reflect = forge;
    log("real");
    report({ real: true });
    self.source = new EventSource(url);
    self.socket = new WebSocket(url);
    socket.send("real");
    fetch(url);`);
  program.self.source.fire("message", { data: "real", lastEventId: "7" });
  program.self.source.dispatchEvent(new MessageEvent("message", { data: "FORGED" }));
  program.self.socket.fire("message", { data: new ArrayBuffer(9) });
  program.self.socket.fire("close", { code: 1000, reason: "", wasClean: true });
  await pass(200);
  assert.equal(JSON.stringify(program.posted).includes("FORGED"), false);
  assert.deepEqual(kinds(program.reports), ["log", "report", "send", "message", "message", "close", "fetch"]);
});
