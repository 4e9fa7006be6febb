// @ts-check
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { check } from "./check.js";
import { failed, Recording, reports } from "../../../../static/js/_testing/recording.js";

/** A socket whose client sends frames. @param {(recording: Recording) => void} talk */
function socket(talk) {
  const recording = new Recording();
  recording.request(1, 0, "GET /play/echo/ws", { "http.upgrade": "websocket" }).response(1, 1, 101);
  talk(recording);
  return recording.capture;
}

/**
 * A frame, and its echo unless it has none.
 * @param {Recording} recording @param {string} kind @param {string} payload @param {number} length in bytes
 */
function frame(recording, kind, payload, length, echoed = true) {
  const values = {
    "websocket.payload_length": String(length < 126 ? length : length < 65536 ? 126 : 127),
    ...(length > 125 && { [`websocket.payload_length_ext_${length < 65536 ? 16 : 64}`]: String(length) }),
    "websocket.payload": payload,
  };
  recording.frame(1, "client", 10, "websocket", kind, length + 8, values);
  if (echoed) recording.frame(1, "server", 11, "websocket", kind, length + 4, values);
}

/** @param {Recording} recording @param {number} length @param {string} [code] */
function close(recording, length, code) {
  recording.frame(1, "client", 20, "websocket", "close", length + 6, {
    "websocket.payload_length": String(length),
    ...(code && { "websocket.payload.close.status_code": code }),
  });
}

/**
 * What the program got before it closed is what came back, unless it is said.
 * @param {import("../../../../static/js/lib/capture.js").Capture} capture @param {any[]} [list]
 */
function judged(capture, list) {
  const echoes = capture.frames.filter(({ from, protocol }) => from === "server" && protocol === "websocket");
  const heard = echoes.map(({ kind, fields }) => {
    const value = (/** @type {string} */ name) => fields.find((field) => field.name === name)?.value;
    const length = Number(value("websocket.payload_length_ext_64") ?? value("websocket.payload_length_ext_16") ?? value("websocket.payload_length"));
    return /** @type {[number, string, object]} */ ([15, "message", { data: kind === "text" ? value("websocket.payload") : { bytes: length } }]);
  });
  return check({ capture, reports: list ?? reports("ws", [...heard, [18, "closing"]]), controls: {} });
}

const text = "帧".repeat(42);
const bytes = "00".repeat(65536);

test("three frames at their borders pass", () => {
  const verdict = judged(
    socket((r) => {
      frame(r, "text", text, 126);
      frame(r, "binary", bytes, 65536);
      close(r, 125, "4000");
    }),
  );
  assert.deepEqual(failed(verdict), []);
  assert.equal(verdict.hint, 0);
});

test("characters were counted in place of bytes", () => {
  const verdict = judged(
    socket((r) => {
      frame(r, "text", "帧".repeat(126), 378);
      frame(r, "binary", "00".repeat(126), 126);
      close(r, 5, "1000");
    }),
  );
  assert.deepEqual(failed(verdict), ["not_sixteen", "not_sixty_four", "closed_otherwise"]);
  assert.deepEqual(verdict.checks[0].args, { seen: "378 B" });
  assert.deepEqual(verdict.checks[2].args, { code: 1000, length: 5 });
  assert.equal(verdict.hint, 1);
});

test("another text of the right length, and one binary frame too many bytes", () => {
  const verdict = judged(
    socket((r) => {
      frame(r, "text", "x".repeat(126), 126);
      frame(r, "binary", bytes, 65537);
      close(r, 125, "4999");
    }),
  );
  assert.deepEqual(failed(verdict), ["not_sixteen", "not_sixty_four"]);
});

test("65535 fit into 16 bits", () => {
  const verdict = judged(
    socket((r) => {
      frame(r, "text", text, 126);
      frame(r, "binary", bytes, 65535);
      close(r, 125, "4000");
    }),
  );
  assert.deepEqual(failed(verdict), ["not_sixty_four"]);
  assert.equal(verdict.hint, 2);
});

test("a close that is short, has no code or one that is not its own, or does not come", () => {
  for (const [length, code, word] of /** @type {const} */ ([
    [124, "4000", "closed_otherwise"],
    [125, "1000", "closed_otherwise"],
    [125, "3000", "closed_otherwise"],
    [0, undefined, "closed_otherwise"],
    [-1, undefined, "open"],
  ])) {
    const verdict = judged(
      socket((r) => {
        frame(r, "text", text, 126);
        frame(r, "binary", bytes, 65536);
        if (length >= 0) close(r, length, code);
      }),
    );
    assert.deepEqual(failed(verdict), [word]);
    assert.equal(verdict.hint, 3);
  }
});

test("closed before the echoes had come", () => {
  const verdict = judged(
    socket((r) => {
      frame(r, "text", text, 126);
      frame(r, "binary", bytes, 65536, false);
      close(r, 125, "4000");
    }),
  );
  assert.deepEqual(failed(verdict), ["echoed"]);
  assert.deepEqual(verdict.checks[3].args, { echoed: 1 });
});

test("closed in the first message, when both echoes are already on the wire", () => {
  const capture = socket((r) => {
    frame(r, "text", text, 126);
    frame(r, "binary", bytes, 65536);
    close(r, 125, "4000");
  });
  const early = reports("ws", [[15, "message", { data: text }], [15, "closing"], [16, "message", { data: { bytes: 65536 } }]]);
  assert.deepEqual(failed(judged(capture, early)), ["echoed"]);
  const twice = reports("ws", [[15, "message", { data: text }], [15, "message", { data: text }], [15, "closing"]]);
  assert.deepEqual(failed(judged(capture, twice)), ["echoed"]);
});

test("more frames than were asked for, before and in between", () => {
  const capture = socket((r) => {
    frame(r, "text", "hello", 5);
    frame(r, "binary", bytes, 65536);
    frame(r, "text", text, 126);
    frame(r, "binary", "00", 1);
    close(r, 125, "4321");
  });
  const verdict = judged(capture);
  assert.deepEqual(failed(verdict), ["!more"]);
  assert.deepEqual(verdict.checks.at(-1)?.args, { texts: "5 B, 126 B", binaries: "65536 B, 1 B" });
});

test("every length near the border, so that the right one is among them", () => {
  const capture = socket((r) => {
    for (const length of [41, 42, 43]) frame(r, "text", "帧".repeat(length), 3 * length);
    frame(r, "binary", bytes, 65536);
    close(r, 125, "4321");
  });
  assert.deepEqual(failed(judged(capture)), ["!more"]);
});

test("what a stopped program leaves open, the browser closes", () => {
  const capture = socket((r) => close(r, 2, "1001"));
  assert.deepEqual(failed(judged(capture, [])), ["not_sixteen", "not_sixty_four", "open", "echoed"]);
});

test("an event stream beside it", () => {
  const recording = new Recording().stream(9, 0, "/play/echo/sse");
  assert.equal(failed(judged(recording.capture)).at(-1), "!only_ws");
});

test("what the program throws is about the close", () => {
  const thrown = reports("ws", [[5, "throw", { message: "SyntaxError" }]]);
  assert.equal(judged(socket((r) => frame(r, "binary", bytes, 65536)), thrown).hint, 3);
});

test("nothing was sent at all", () => {
  assert.deepEqual(failed(judged(new Recording().capture)), ["not_sixteen", "not_sixty_four", "open", "echoed"]);
});

test("the solution is what the check asks for", async () => {
  const code = readFileSync(new URL("solution.js", import.meta.url), "utf8");
  const AsyncFunction = async function () {}.constructor;
  /** @type {any[]} */
  const sent = [];
  const closed = await new Promise((resolve) => {
    class WebSocket {
      /** @type {() => void} */ onopen = () => {};
      /** @type {() => void} */ onmessage = () => {};
      constructor() {
        queueMicrotask(() => this.onopen());
      }
      /** @param {any} data */
      send(data) {
        sent.push(data);
        queueMicrotask(() => this.onmessage());
      }
      /** @param {number} code @param {string} reason */
      close(code, reason) {
        resolve([code, new TextEncoder().encode(reason).length]);
      }
    }
    // @ts-ignore: the program of a learner
    new AsyncFunction("url", "WebSocket", code)("", WebSocket);
  });
  assert.deepEqual(closed, [4000, 123]);
  assert.equal(new TextEncoder().encode(sent[0]).length, 126);
  assert.equal(sent[1].byteLength, 65536);
});
