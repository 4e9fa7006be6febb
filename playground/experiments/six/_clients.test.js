// @ts-check
// Runs a client program as it is, against a server made by hand.

import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { connections, response, start } from "../../../static/js/_testing/program.js";

for (const [status, saved] of /** @type {const} */ ([[204, "saved"], [503, "not saved: 503"]])) {
  test(`sse.js saves once, however often a stream opens, and looks at the status: ${status}`, async () => {
    mock.timers.enable({ apis: ["setTimeout"] });
    const EventSource = connections();
    let posts = 0;
    const fetch = async () => {
      posts++;
      return status === 204 ? new Response(null, { status }) : response([""], { status });
    };
    const controls = { streams: 2, every: 500 };
    const { logged } = start(new URL("./sse.js", import.meta.url), { EventSource, fetch, sendUrl: "http://here/send", controls });
    const [first, second] = EventSource.all;
    first.fire("open");
    first.fire("error");
    first.fire("open");
    mock.timers.tick(5000);
    await new Promise((resolve) => setImmediate(resolve));
    second.readyState = 2;
    second.fire("error");
    mock.timers.reset();
    assert.equal(posts, 1);
    assert.deepEqual(logged, ["tab 1: open", "tab 1: connecting again", saved, "tab 2: refused"]);
  });
}
