// @ts-check
// Runs the client programs as they are, against a server made by hand.

import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { connections, response, start } from "../../../static/js/_testing/program.js";

const controls = { payload: "text", text: "hello", size: 8, messages: 3, every: 100 };

test.beforeEach(() => mock.timers.enable({ apis: ["setTimeout"] }));
test.afterEach(() => mock.timers.reset());

/** Lets half a minute pass. */
async function pass() {
  for (let i = 0; i < 50; i++) {
    mock.timers.tick(600);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** @param {number} status of the responses to its POSTs */
function sse(status) {
  const EventSource = connections();
  let posts = 0;
  const fetch = async () => {
    posts++;
    return status === 204 ? new Response(null, { status }) : response([""], { status });
  };
  const { logged } = start(new URL("./sse.js", import.meta.url), { EventSource, controls, fetch, sendUrl: "http://here/send" });
  return { source: EventSource.all[0], logged, posts: () => posts };
}

test("sse.js sends its messages once, however often the stream opens", async () => {
  const { source, logged, posts } = sse(204);
  source.fire("open");
  source.fire("error");
  source.fire("open");
  await pass();
  assert.equal(posts(), 3);
  assert.deepEqual(logged, ["error: connecting again"]);
});

test("both close when all has come back, and not before", async () => {
  const WebSocket = connections();
  start(new URL("./ws.js", import.meta.url), { WebSocket, controls });
  const [socket] = WebSocket.all;
  socket.readyState = 1;
  for (const connection of [sse(204).source, socket]) {
    connection.fire("open");
    connection.fire("message", { data: "of another member" });
    await pass();
    connection.fire("message", { data: "hello 1" });
    assert.notEqual(connection.readyState, 2);
    connection.fire("message", { data: "hello 2" });
    assert.equal(connection.readyState, 2);
  }
});

test("sse.js looks at the receipt", async () => {
  const { source, logged, posts } = sse(503);
  source.fire("open");
  await pass();
  assert.equal(posts(), 1);
  assert.deepEqual(logged, ["not taken: 503"]);
  assert.equal(source.readyState, 2);
});

test("ws.js sends nothing into a socket that has closed, and says how it did", async () => {
  const WebSocket = connections();
  const { logged } = start(new URL("./ws.js", import.meta.url), { WebSocket, controls });
  const [socket] = WebSocket.all;
  socket.readyState = 1;
  socket.fire("open");
  await pass();
  assert.equal(socket.sent.length, 3);
  assert.deepEqual(logged, []);

  start(new URL("./ws.js", import.meta.url), { WebSocket, controls });
  const cut = WebSocket.all[1];
  cut.readyState = 1;
  cut.fire("open");
  cut.readyState = 2;
  await pass();
  assert.equal(cut.sent.length, 1);
  socket.fire("close", { code: 1013, reason: "too slow" });
  assert.deepEqual(logged, ["close: 1013 too slow"]);
});
