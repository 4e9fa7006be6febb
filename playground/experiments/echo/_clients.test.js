// @ts-check
// Runs a client program as it is, against a server made by hand.

import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { connections, response, start } from "../../../static/js/_testing/program.js";

test("sse.js sends its message once, however often the stream opens, and looks at the status", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const EventSource = connections();
  let posts = 0;
  const fetch = async () => {
    posts++;
    return response([""], { status: 413 });
  };
  const { logged } = start(new URL("./sse.js", import.meta.url), { EventSource, fetch, sendUrl: "http://here/send", controls: { kind: "text", size: 9 } });
  const [source] = EventSource.all;
  source.fire("open");
  source.fire("open");
  mock.timers.tick(1000);
  await new Promise((resolve) => setImmediate(resolve));
  mock.timers.reset();
  assert.equal(posts, 1);
  assert.deepEqual(logged, ["open", "refused: 413"]);
  assert.equal(source.readyState, 2);
});
