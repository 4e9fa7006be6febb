// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { exchanges } from "./exchanges.js";
import { Recording } from "../_testing/recording.js";

test("a connection that is used again after a refused handshake has requests of both sides", () => {
  const { capture } = new Recording()
    .request(1, 0, "GET /play/proxy/ws", { "http.upgrade": "websocket" })
    .response(1, 1, 426)
    .request(1, 2, "GET /play/proxy/sse")
    .response(1, 3, 200, "text/event-stream");
  assert.deepEqual(exchanges(capture).map(({ side, status }) => [side, status]), [["ws", 426], ["sse", 200]]);
});
