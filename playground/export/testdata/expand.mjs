// Expands the compact documents of feeds, which come in a line of JSON each with
// the document that they stand for, and compares what a page has of both.

import assert from "node:assert/strict";
import { createInterface } from "node:readline";

import { Capture } from "../../../static/js/lib/capture.js";
import { Expander } from "../../../static/js/lib/compact.js";

/** What a page knows of a capture, by the millionth of a second. @param {Capture} capture */
function known({ frames, events, connections, lastEventId, reconnectionTime }) {
  const micro = (/** @type {any} */ { at, time, ...rest }) => ({ ...rest, time: Math.round(time * 1000) });
  return {
    frames: frames.map(micro),
    events,
    connections: [...connections.values()].map(({ number, hop, protocol, side, segments, bytes }) => ({
      number, hop, protocol, side, segments: segments.map(micro),
      client: bytes.client.slice(0, bytes.client.length), server: bytes.server.slice(0, bytes.server.length),
    })),
    lastEventId,
    reconnectionTime,
  };
}

for await (const line of createInterface({ input: process.stdin })) {
  const { name, plain, compact } = JSON.parse(line);
  const expected = new Capture();
  expected.apply(plain);
  const expanded = new Capture();
  const expander = new Expander(expanded);
  for (const document of compact) expander.apply(document);
  const [want, got] = [known(expected), known(expanded)];
  for (const [i, frame] of want.frames.entries()) assert.deepEqual(got.frames[i], frame, `${name}, frame ${i}`);
  assert.deepEqual(got, want, name);
  console.log(name, want.frames.length);
}
