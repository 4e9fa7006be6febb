// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { changed, controlsIn, newCaptureID, quoted, runAddress, withControls } from "./address.js";

const defaults = { cut: "5", how: "reset", stream: "data: hello\\n\\n" };

test("the page's address holds what is not at its default, and keeps the rest", () => {
  assert.equal(withControls("", { ...defaults }, defaults), "");
  assert.equal(withControls("", { ...defaults, cut: "3" }, defaults), "?cut=3");
  assert.equal(withControls("?cut=3&other=1", { ...defaults }, defaults), "?other=1");
});

test("what a text holds survives the way through an address", () => {
  const stream = "data: a&b=c+d #e\\n\\n字";
  const search = withControls("", { ...defaults, stream }, defaults);
  assert.deepEqual(controlsIn(search, defaults), { stream });
});

test("names that are no controls are passed over", () => {
  assert.deepEqual(controlsIn("?how=end&nonsense=1", defaults), { how: "end" });
});

test("a run's address says its side, its controls and its capture", () => {
  const values = changed({ ...defaults, cut: "3" }, defaults);
  assert.equal(runAddress("http://localhost:8080", "reconnect", "sse", values, "k7m2"), "http://localhost:8080/play/reconnect/sse?cut=3&capture=k7m2");
  assert.equal(runAddress("http://localhost:8080", "reconnect", "ws", {}, "k7m2"), "ws://localhost:8080/play/reconnect/ws?capture=k7m2");
  assert.equal(runAddress("https://example.org", "oneway", "ws", {}, "k7m2"), "wss://example.org/play/oneway/ws?capture=k7m2");
  assert.equal(runAddress("http://localhost:8080", "many", "ws", {}, "k7m2", "q9xd"), "ws://localhost:8080/play/many/q9xd/ws?capture=k7m2");
});

test("a shell takes a quoted word as it is", () => {
  assert.equal(quoted("a'b$c"), `'a'\\''b$c'`);
});

test("capture IDs are of the server's alphabet and never the same", () => {
  const ids = new Set(Array.from({ length: 1000 }, newCaptureID));
  assert.equal(ids.size, 1000);
  for (const id of ids) assert.match(id, /^[a-z0-9]{4}(-[a-z0-9]{4}){3}$/);
});
