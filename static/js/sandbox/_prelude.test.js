// @ts-check
// Runs the prelude with stand-ins for what a browser has in a worker.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mock, test } from "node:test";
import vm from "node:vm";

const prelude = readFileSync(new URL("./prelude.js", import.meta.url), "utf8");
const place = "blob:null/program";

/** What EventSource and WebSocket have in common. */
class Connection extends EventTarget {
  readyState = 0;

  /** @param {string} url */
  constructor(url) {
    super();
    this.url = url;
  }

  close() {
    this.readyState = 2;
  }

  /** @param {any} data */
  send(data) {
    this.sent = data;
  }

  /**
   * @param {string} type
   * @param {object} [details]
   */
  fire(type, details = {}) {
    this.dispatchEvent(Object.assign(new Event(type), details));
  }
}

/**
 * Runs a program as the sandbox does: from the second line on.
 * @param {string} program
 * @param {Record<string, unknown>} [more]
 * @param {number} [behind]
 */
function run(program, more = {}, behind = 0) {
  /** @type {any[]} */
  const posted = [];
  const target = new EventTarget();
  const self = {
    ...{ URL, Event, Blob, Response, ReadableStream, TextDecoder, DOMException, Date, performance, console: {} },
    ...{ setTimeout, clearTimeout, setInterval, clearInterval },
    EventSource: Object.assign(class extends Connection {}, { CLOSED: 2 }),
    WebSocket: class extends Connection {},
    fetch: async () => new Response("hello"),
    location: { href: place },
    addEventListener: target.addEventListener.bind(target),
    postMessage: (/** @type {any} */ message) => posted.push(structuredClone(message)),
    ...more,
  };
  const context = vm.createContext(Object.assign(self, { self }));
  vm.runInContext(prelude, context, { filename: "prelude.js" });
  const source = `start({url: "http://here/sse", controls: {total: 3}}, ${behind}, async () => {"use strict";\n${program}\n});`;
  vm.runInContext(source, context, { filename: place });
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

test("a program waits for its turn, and that keeps it alive", async () => {
  const program = run('log("before"); await turn(); log("after");');
  await pass(500);
  assert.equal(program.ended, false);
  assert.equal(program.posted.filter((message) => message === "turn").length, 1);
  program.target.dispatchEvent(Object.assign(new Event("message"), { data: "turn" }));
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
  program.self.source.readyState = 2;
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
  const answer = Object.defineProperty(new Response(""), "status", { value: 204 });
  const program = run("log((await fetch(url)).status);", { fetch: async () => answer });
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
  const dropped = program.posted.reduce((sum, batch) => sum + batch.dropped, 0);
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
