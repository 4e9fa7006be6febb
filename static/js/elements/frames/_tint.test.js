import assert from "node:assert/strict";
import { test } from "node:test";
import { tintOf } from "./tint.js";

// The server's own test says the same of these names.
test("a field's tint comes from its name alone", () => {
  const wanted = { "http.last_event_id": 6, "http.line_end": 8, "websocket.fin": 7, "websocket.masking_key": 5, "sse.blank": 8 };
  for (const [name, tint] of Object.entries(wanted)) assert.equal(tintOf(name), tint, name);
});

test("fields that stand beside each other in a frame's header differ", () => {
  const header = ["fin", "rsv1", "rsv2", "rsv3", "opcode", "mask", "payload_length", "masking_key", "payload"];
  const tints = header.map((name) => tintOf(`websocket.${name}`));
  tints.forEach((tint, i) => assert.notEqual(tint, tints[i + 1], header[i]));
});
