// @ts-check
// Runs the client programs as they are, against a server made by hand.

import assert from "node:assert/strict";
import { test } from "node:test";
import { connections, response, start } from "../../../static/js/_testing/program.js";

const controls = { work: 0, busy: true };

test("fetch.js takes no error page for a stream", async () => {
  const { logged, ended } = start(new URL("./fetch.js", import.meta.url), { controls, fetch: async () => response(["<h1>"], { status: 502 }) });
  await ended;
  assert.deepEqual(logged, ["Error: 502"]);
});

test("post.js stops where a message was not taken", async () => {
  let posts = 0;
  const fetch = async () => {
    posts++;
    return response([""], { status: 503 });
  };
  const { logged, ended } = start(new URL("./post.js", import.meta.url), { fetch, sendUrl: "http://here/send" });
  await ended;
  assert.equal(posts, 1);
  assert.deepEqual(logged, ["Error: 503"]);
});

test("both log how many wait in the server, and how many here", async () => {
  for (const [name, Source] of /** @type {const} */ ([["EventSource", connections()], ["WebSocket", connections()]])) {
    const file = name === "EventSource" ? "./sse.js" : "./ws.js";
    const { logged } = start(new URL(file, import.meta.url), { controls, [name]: Source });
    for (const data of ['{"n":1,"waiting":0}', '{"n":2,"waiting":8}']) {
      Source.all[0].fire("message", { data });
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.deepEqual(logged, ["1 waiting: 0 unhandled: 0", "2 waiting: 8 unhandled: 0"]);
  }
});
