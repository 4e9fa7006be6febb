// @ts-check
// Runs the client programs as they are, against a server made by hand.

import assert from "node:assert/strict";
import { test } from "node:test";
import { connections, response, start } from "../../../static/js/_testing/program.js";

test("sse.js replies once, however often the stream opens", async () => {
  const EventSource = connections();
  let posts = 0;
  const fetch = async () => {
    posts++;
    return response(["taken"], { type: "text/plain" });
  };
  const { logged } = start(new URL("./sse.js", import.meta.url), { EventSource, fetch, sendUrl: "http://here/send", controls: { size: 5 } });
  EventSource.all[0].fire("open");
  EventSource.all[0].fire("open");
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(posts, 1);
  assert.deepEqual(logged, ["200 taken"]);
});

test("fetch.js takes no error page for a stream", async () => {
  const { logged, ended } = start(new URL("./fetch.js", import.meta.url), { fetch: async () => response(["<h1>Bad gateway</h1>"], { status: 502 }) });
  await ended;
  assert.deepEqual(logged, ["Error: 502"]);
});
