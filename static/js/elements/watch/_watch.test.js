import assert from "node:assert/strict";
import { test } from "node:test";

import { aboutRow, clock, inOrder, matches, troubleOf } from "./rows.js";
import { setWords } from "../../lib/words.js";

setWords({
  "watch.row.events": "{count} events",
  "watch.row.connections": "{count} connections",
  "watch.end.close": "closed {code}",
  "watch.short.lost": "{count} lost",
  "watch.short.type.none": "no type",
});

const row = (more) => ({ id: "a", kind: "http", method: "GET", target: "/api?x=1", began: "2026-01-01T00:00:00Z", open: false, connections: 1, bytes: 0, ...more });
const notice = (key, args) => ({ key, lesson: "reconnect", args, at: "" });

test("a row says how its exchange goes", () => {
  assert.equal(aboutRow(row({ status: 200, type: "text/html", head: 3 })), "200 · text/html · 3.0 ms");
  assert.equal(aboutRow(row({ kind: "sse", status: 200, events: 5, connections: 2, open: true })), "2 connections · 5 events");
  assert.match(aboutRow(row({ kind: "ws", status: 101, events: 2, code: 1000, extensions: "permessage-deflate; x" })), /permessage-deflate · closed 1000$/);
  assert.equal(troubleOf(row({ notices: [notice("lost", { count: 2 }), notice("type", { type: "" })] })), "2 lost, no type");
});

test("rows are searched by what they say, by their kind, and by what was found in their bytes", () => {
  const all = [row({ id: "1", kind: "sse" }), row({ id: "2", target: "/login", status: 401 }), row({ id: "3", kind: "ws", notices: [notice("lost", { count: 2 })] })];
  const found = (search) => all.filter((one) => matches(one, { text: "", kind: "all", ...search })).map(({ id }) => id).join("");
  assert.equal(found({}), "123");
  assert.equal(found({ kind: "sse" }), "1");
  assert.equal(found({ kind: "trouble" }), "3");
  assert.equal(found({ text: "LOGIN" }), "2");
  assert.equal(found({ text: "401" }), "2");
  assert.equal(found({ text: "needle", found: new Set(["3"]) }), "3");
});

test("what is open comes first, then the newest", () => {
  const all = [row({ id: "old", began: "1" }), row({ id: "new", began: "3" }), row({ id: "open", began: "2", open: true })];
  assert.deepEqual(all.sort(inOrder).map(({ id }) => id), ["open", "new", "old"]);
});

test("a time is read like a clock", () => {
  assert.deepEqual([3000, 65_000, 3_661_000].map(clock), ["0:03", "1:05", "1:01:01"]);
});
