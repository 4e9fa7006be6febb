// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { check } from "./check.js";
import { failed, Recording, reports } from "../../../../static/js/_testing/recording.js";

/**
 * A run with these lines, read as a browser reads them.
 * @param {string[]} lines
 */
function judged(...lines) {
  const recording = new Recording().stream(1, 0, "/play/framing/sse");
  const list = [];
  let [id, lastEventId, type] = ["", "", ""];
  /** @type {string[]} */
  let data = [];
  for (const line of lines) {
    const [, field = "", value = ""] = /^(\w+): (.*)$/.exec(line) ?? [];
    if (field === "id") id = value;
    if (field === "event") type = value;
    if (field === "data") data.push(value);
    let event;
    if (line === "") {
      lastEventId = id;
      if (data.length > 0) event = { type: type || "message", data: data.join("\n"), lastEventId };
      [type, data] = ["", []];
    }
    recording.frame(1, "server", 5, "sse", line === "" ? "blank" : "field", line.length + 1, field ? { [`sse.${field}`]: value } : {});
    Object.assign(recording.capture.frames[recording.capture.frames.length - 1], { sse: { id, lastEventId, ...(event && { event }) } });
    if (event) list.push(/** @type {[number, string, object]} */ ([10, "message", event]));
  }
  return check({ capture: recording.capture, reports: reports("sse", list), controls: {} });
}

const price = ["event: price", "data: 9.50", "data: 9.70", ""];

test("a price of two lines, and an id after it", () => {
  const verdict = judged(...price, "id: 7", "");
  assert.deepEqual(failed(verdict), []);
  assert.deepEqual(verdict.checks.map(({ args }) => args), [{ data: '"9.50\\n9.70"' }, { id: "7", last: "" }]);
});

test("more than was asked for, before, in between and after", () => {
  assert.deepEqual(failed(judged("id: 7", ...price, "id: 8", "")), []);
  assert.deepEqual(failed(judged("data: x", "", ...price, "data: y", "", "id: 7", "")), []);
  assert.deepEqual(failed(judged(...price, "id: 7", "", "data: after it", "")), []);
  assert.deepEqual(failed(judged("event: price", "data: 1", "", ...price, "event: unheard", "id: 7", "")), []);
});

test("the event brings the id itself, or there is none", () => {
  const verdict = judged("id: 7", ...price);
  assert.deepEqual(failed(verdict), ["unchanged"]);
  assert.equal(verdict.hint, 2);
  assert.deepEqual(failed(judged(...price)), ["unchanged"]);
  assert.deepEqual(failed(judged("id: 7", "", ...price)), ["unchanged"], "before it is not after it");
});

test("the id was there before", () => {
  const again = judged("id: 7", ...price, "id: 7", "");
  assert.deepEqual(failed(again), ["repeated"]);
  assert.deepEqual(again.checks[1].args, { id: "7" });
  assert.deepEqual(failed(judged("id: 7", "data: x", "", "id: 8", ...price, "id: 7", "")), ["repeated"]);
});

test("the last blank line is missing", () => {
  const verdict = judged(...price, "id: 7");
  assert.deepEqual(failed(verdict), ["waiting"]);
  assert.equal(verdict.checks[1].args.id, "7");
  assert.equal(verdict.hint, 3);
});

test("one line", () => {
  const verdict = judged("event: price", "data: 9.50", "", "id: 7", "");
  assert.deepEqual(failed(verdict), ["lines"]);
  assert.equal(verdict.checks[0].args.lines, 1);
  assert.equal(verdict.hint, 1);
});

test("an event without the type", () => {
  const verdict = judged("data: 9.50", "data: 9.70", "", "id: 7", "");
  assert.deepEqual(failed(verdict), ["types"]);
  assert.equal(verdict.checks[0].args.types, "message");
});

test("nothing was dispatched, or there was no run", () => {
  assert.deepEqual(failed(judged("id: 7", "")), ["nothing", "unchanged"]);
  assert.deepEqual(failed(judged()), ["nothing", "unchanged"]);
});
