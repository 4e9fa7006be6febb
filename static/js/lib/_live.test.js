// @ts-check
import assert from "node:assert/strict";
import test, { afterEach, beforeEach, mock } from "node:test";
import { Capture } from "./capture.js";
import { follow, now } from "./live.js";
import * as make from "../_testing/documents.js";

/** A socket that the test is the other end of. @type {any[]} */
let sockets = [];
class FakeSocket {
  static CONNECTING = 0;
  static OPEN = 1;
  readyState = 0;
  /** @type {any[]} */
  sent = [];
  /** @param {URL} url @param {string[]} protocols */
  constructor(url, protocols) {
    this.url = String(url);
    this.protocols = protocols;
    sockets.push(this);
  }
  /** @param {string} text */
  send(text) {
    this.sent.push(JSON.parse(text));
  }
  close() {
    this.isClosed = true;
  }
  open() {
    this.readyState = 1;
    /** @type {any} */ (this).onopen();
  }
  /** @param {object} message */
  says(message) {
    /** @type {any} */ (this).onmessage({ data: JSON.stringify(message) });
  }
  /** @param {number} code */
  ends(code) {
    this.readyState = 3;
    /** @type {any} */ (this).onclose({ code });
  }
}

/** What happens on the page. */
let page = new EventTarget();

beforeEach(() => {
  sockets = [];
  page = new EventTarget();
  Object.assign(globalThis, {
    addEventListener: page.addEventListener.bind(page),
    removeEventListener: page.removeEventListener.bind(page), WebSocket: FakeSocket, location: { href: "https://seewire.test/en/lessons/x" } });
  mock.timers.enable({ apis: ["setTimeout"] });
});
afterEach(() => mock.timers.reset());

test("it asks for the time, and is ready when it knows it", async () => {
  const capture = new Capture();
  const feed = follow("k7m2-q9xd", capture);
  const [socket] = sockets;
  assert.equal(socket.url, "wss://seewire.test/captures/k7m2-q9xd/live?clock=1");
  socket.open();
  const { clock } = socket.sent[0];
  assert.ok(Math.abs(clock - now()) < 1000);
  socket.says({ clock, server: clock + 5000 });
  await feed.live(5000);
  assert.ok(Math.abs(capture.clockOffset - 5000) < 50, String(capture.clockOffset));
  feed.close();
});

test("the answer of the fastest round trip counts", () => {
  const capture = new Capture();
  const feed = follow("k7m2-q9xd", capture);
  const [socket] = sockets;
  socket.open();
  socket.says({ clock: now() - 10, server: now() + 100 });
  const good = capture.clockOffset;
  socket.says({ clock: now() - 400, server: now() + 700 });
  assert.equal(capture.clockOffset, good);
  feed.close();
});

test("documents in the form for pages are applied in their order, whether they are compressed or not", async () => {
  const capture = new Capture();
  const feed = follow("k7m2-q9xd", capture);
  const [socket] = sockets;
  socket.open();
  socket.protocol = "compact-2";
  const log = (/** @type {string} */ text) => ({ base: 0, connections: [], shapes: [], frames: [], log: [{ at: "2026-11-29T05:00:00Z", path: "/play/chat/sse", text }] });
  const deflated = new Blob([JSON.stringify(log("second"))]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  const data = await new Response(deflated).arrayBuffer();
  socket.says(log("first"));
  socket.onmessage({ data });
  socket.says({ ...log("third"), mark: 1 });
  socket.says({ clock: now(), server: now() });
  const caughtUp = feed.caughtUp();
  socket.says({ clock: socket.sent.at(-1).clock, server: now(), mark: 1 });
  await caughtUp;
  assert.deepEqual(capture.log.map(({ text }) => text), ["first", "second", "third"]);
  feed.close();
});

test("a document that can't be read ends the feed, and the next one comes in the other form", async () => {
  const reported = mock.fn();
  Object.assign(globalThis, { reportError: reported });
  const capture = new Capture();
  const feed = follow("k7m2-q9xd", capture);
  const [socket] = sockets;
  assert.deepEqual(socket.protocols, ["compact-2"]);
  socket.open();
  socket.protocol = "compact-2";
  socket.says({ base: 0, connections: [], shapes: [], frames: [["no", "such", "row"]] });
  socket.says({ base: 0, connections: [], shapes: [], frames: [] });
  await new Promise((resolve) => setImmediate(resolve));
  assert.ok(socket.isClosed);
  socket.ends(1005);
  mock.timers.tick(500);
  assert.deepEqual(sockets[1].protocols, []);
  sockets[1].open();
  sockets[1].says(make.document([], [make.textFrame(1, 0, 0, "a")]));
  assert.equal(capture.frames.length, 1);
  assert.equal(reported.mock.callCount(), 1);
  feed.close();
});

test("after a loss it comes back, and what was there stays until the new arrives", () => {
  const capture = new Capture();
  const feed = follow("k7m2-q9xd", capture);
  sockets[0].open();
  sockets[0].says(make.document([], [make.textFrame(1, 0, 0, "a"), make.textFrame(1, 1, 3, "b")]));
  sockets[0].ends(1006);
  assert.equal(feed.state, "lost");
  mock.timers.tick(500);
  assert.equal(sockets.length, 2);
  sockets[1].open();
  sockets[1].says({ clock: now(), server: now() });
  assert.equal(feed.state, "live");
  assert.equal(capture.frames.length, 2);
  sockets[1].says(make.document([], [make.textFrame(1, 0, 0, "a")]));
  sockets[1].says(make.document([], [make.textFrame(1, 1, 3, "b")]));
  assert.equal(capture.frames.length, 2);
  feed.close();
});

test("a server that was started anew knows nothing of the run, which stays", async () => {
  const capture = new Capture();
  const feed = follow("k7m2-q9xd", capture);
  sockets[0].open();
  sockets[0].says({ ...make.document([make.connection(1, {})], [make.textFrame(1, 0, 0, "a"), make.textFrame(1, 1, 3, "b")]), mark: 7 });
  sockets[0].ends(1006);
  mock.timers.tick(500);
  sockets[1].open();
  sockets[1].says({ id: "k7m2-q9xd", connections: [], frames: [], events: [], lastEventId: "" });
  assert.equal(capture.frames.length, 2);

  // It counts its marks anew.
  let done = false;
  feed.caughtUp().then(() => (done = true));
  const { clock } = sockets[1].sent.at(-1);
  sockets[1].says({ clock, server: now(), mark: 1 });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(done, false);
  sockets[1].says({ id: "k7m2-q9xd", connections: [], mark: 1 });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(done, true);

  // What comes under the same ID from then on is another run's.
  sockets[1].says(make.document([make.connection(1, {})], [make.textFrame(1, 0, 0, "c")]));
  assert.equal(capture.frames.length, 1);
  feed.close();
});

test("it waits longer after each failure, up to ten seconds", () => {
  const feed = follow("k7m2-q9xd", new Capture());
  for (const longest of [500, 1000, 2000, 4000, 8000, 10_000, 10_000]) {
    const before = sockets.length;
    sockets.at(-1).ends(1006);
    mock.timers.tick(longest / 2 - 1);
    assert.equal(sockets.length, before, `too early for ${longest}`);
    mock.timers.tick(longest / 2 + 1);
    assert.equal(sockets.length, before + 1, `too late for ${longest}`);
  }
  feed.close();
});

test("after nothing was run for long it waits for somebody, and goes on", async () => {
  const feed = follow("k7m2-q9xd", new Capture());
  sockets[0].open();
  sockets[0].says({ clock: now(), server: now() });
  sockets[0].ends(4008);
  assert.equal(feed.state, "idle");
  mock.timers.tick(600_000);
  assert.equal(sockets.length, 1, "it came back by itself");

  page.dispatchEvent(new Event("pointermove"));
  page.dispatchEvent(new Event("keydown"));
  assert.equal(feed.state, "connecting");
  assert.equal(sockets.length, 2);
  sockets[1].open();
  sockets[1].says({ clock: now(), server: now() });
  assert.equal(feed.state, "live");

  sockets[1].ends(4008);
  feed.resume(); // a run does
  assert.equal(sockets.length, 3);
  sockets[2].ends(4008);
  feed.close();
  page.dispatchEvent(new Event("pointermove"));
  assert.equal(sockets.length, 3);
});

test("where the server says that it's of no use, it stays away", async () => {
  for (const [code, state] of /** @type {[number, string][]} */ ([
    [4004, "expired"],
    [4029, "full"],
  ])) {
    sockets = [];
    const feed = follow("k7m2-q9xd", new Capture());
    sockets[0].ends(code);
    await assert.rejects(feed.live(5000), { message: state });
    assert.equal(feed.state, state);
    mock.timers.tick(60_000);
    assert.equal(sockets.length, 1);
  }
});

test("it has caught up when its mark has come, whichever comes first", async () => {
  const capture = new Capture();
  const feed = follow("k7m2-q9xd", capture);
  const [socket] = sockets;
  /** @type {string[]} */
  const done = [];
  const settled = () => new Promise((resolve) => setImmediate(resolve));

  feed.caughtUp().then(() => done.push("before it was live"));
  socket.open();
  const early = socket.sent.find((/** @type {any} */ { mark }) => mark);
  socket.says({ clock: early.clock, server: now(), mark: 4 });
  socket.says({ id: "k7m2-q9xd", mark: 3 });
  await settled();
  assert.equal(done.length, 0, "3 is another page's");
  socket.says({ mark: 4 });
  await settled();
  assert.deepEqual(done, ["before it was live"]);

  feed.caughtUp().then(() => done.push("the document first"));
  const { clock } = socket.sent.at(-1);
  socket.says({ mark: 5 });
  await settled();
  assert.equal(done.length, 1, "the number is not known yet");
  socket.says({ clock, server: now(), mark: 5 });
  await settled();
  assert.equal(done.length, 2);

  feed.caughtUp().then(() => done.push("after a loss"));
  socket.ends(1006);
  mock.timers.tick(1000);
  sockets[1].open();
  const again = sockets[1].sent.find((/** @type {any} */ { mark }) => mark);
  sockets[1].says({ clock: again.clock, server: now(), mark: 9 });
  sockets[1].says({ mark: 9 });
  await settled();
  assert.equal(done.length, 3);
  feed.close();
});

/** What a promise has come to, where it has. @param {Promise<void>} promise */
async function outcome(promise) {
  let came = "nothing";
  promise.then(
    () => (came = "live"),
    (error) => (came = error.message),
  );
  await new Promise((resolve) => setImmediate(resolve));
  return came;
}

test("a slow server is waited for, as long as it takes", async () => {
  const feed = follow("k7m2-q9xd", new Capture());
  const live = feed.live(5000);
  mock.timers.tick(100_000);
  assert.equal(await outcome(live), "nothing");
  sockets[0].open();
  mock.timers.tick(100_000);
  assert.equal(await outcome(live), "nothing", "its clock is not known yet");
  sockets[0].says({ clock: now(), server: now() });
  assert.equal(await outcome(live), "live");
  feed.close();
});

test("a server that refuses is gone when patience is over, and no sooner", async () => {
  const feed = follow("k7m2-q9xd", new Capture());
  sockets[0].ends(1006);
  const live = feed.live(5000);
  mock.timers.tick(500);
  sockets[1].ends(1006);
  mock.timers.tick(1000);
  assert.equal(sockets.length, 3); // and this one is slow
  mock.timers.tick(3500);
  assert.equal(await outcome(live), "nothing", "it may still answer");
  sockets[2].ends(1006);
  assert.equal(await outcome(live), "gone");

  assert.equal(await outcome(feed.live(5000)), "nothing", "it may come back");
  mock.timers.tick(2000);
  sockets.at(-1).open();
  sockets.at(-1).says({ clock: now(), server: now() });
  assert.equal(await outcome(feed.live(5000)), "live");
  feed.close();
});

test("a run does not wait for the next attempt after many failures", async () => {
  const feed = follow("k7m2-q9xd", new Capture());
  for (let i = 0; i < 8; i++) {
    sockets.at(-1).ends(1006);
    mock.timers.tick(10_000);
  }
  sockets.at(-1).ends(1006);
  const before = sockets.length;
  feed.resume();
  assert.equal(sockets.length, before + 1);
  feed.resume();
  assert.equal(sockets.length, before + 1, "it is being tried");
  sockets.at(-1).open();
  sockets.at(-1).says({ clock: now(), server: now() });
  assert.equal(await outcome(feed.live(5000)), "live");
  mock.timers.tick(9000);
  assert.equal(sockets.length, before + 1, "the old attempt is forgotten");
  feed.close();
});
