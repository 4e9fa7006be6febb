// @ts-check
// Captures made by hand, for tests of what reads them. Times are milliseconds
// after the start.

import assert from "node:assert/strict";
import { Capture } from "../lib/capture.js";

/** The start, in epoch milliseconds of both clocks. */
export const start = Date.UTC(2026, 10, 22, 8);

export class Recording {
  capture = new Capture();
  /** @type {Record<string, number>} */
  #offsets = {};
  /** Requests and answers of each connection, which answer each other in turn. @type {Record<string, number>} */
  #counts = {};

  /** @param {number} connection @param {number} at @param {string} line as "GET /play/reconnect/sse" @param {Record<string, string>} [headers] */
  request(connection, at, line, headers = {}) {
    const [method, uri] = line.split(" ");
    return this.frame(connection, "client", at, "http1", "request", 200, {
      "http.request.method": method,
      "http.request.uri": uri,
      ...headers,
    });
  }

  /** @param {number} connection @param {number} at @param {number} status @param {string} [type] */
  response(connection, at, status, type) {
    return this.frame(connection, "server", at, "http1", "response", 150, {
      "http.response.code": String(status),
      ...(type && { "http.content_type": type }),
    }, status === 204 ? "complete" : undefined);
  }

  /** A WebSocket's handshake. @param {number} connection @param {number} at @param {string} path */
  socket(connection, at, path) {
    return this.request(connection, at, `GET ${path}`, { "http.upgrade": "websocket" }).response(connection, at + 1, 101);
  }

  /** An event stream's request and head. @param {number} connection @param {number} at @param {string} path */
  stream(connection, at, path) {
    return this.request(connection, at, `GET ${path}`).response(connection, at + 1, 200, "text/event-stream");
  }

  /** A chunk that dispatches an event. @param {number} connection @param {number} at @param {string} data @param {{id?: string, type?: string, length?: number}} [more] */
  event(connection, at, data, { id = "", type = "message", length = data.length + 15 } = {}) {
    const offset = this.#offset(connection, "server");
    this.frame(connection, "server", at, "http1", "chunk", length, {});
    const event = { type, data, lastEventId: id };
    return this.#apply({ connection, from: "server", at: iso(at), offset: offset + length - 3, length: 1, protocol: "sse", kind: "blank", say: [], fields: [], sse: { event } }, [event]);
  }

  /** A chunk with a comment in it. @param {number} connection @param {number} at @param {string} text */
  comment(connection, at, text) {
    const offset = this.#offset(connection, "server");
    this.frame(connection, "server", at, "http1", "chunk", text.length + 9, {});
    const fields = [{ name: "sse.comment", value: text, offset: 1, length: text.length }];
    return this.#apply({ connection, from: "server", at: iso(at), offset: offset + 3, length: text.length + 2, protocol: "sse", kind: "comment", say: [], fields });
  }

  /** @param {number} connection @param {number} at */
  lastChunk(connection, at) {
    return this.frame(connection, "server", at, "http1", "last-chunk", 5, {}, "complete");
  }

  /** @param {number} connection @param {number} at @param {"client"|"server"} from @param {string} payload @param {number} [length] */
  text(connection, at, from, payload, length = payload.length + (from === "client" ? 6 : 2)) {
    return this.frame(connection, from, at, "websocket", "text", length, { "websocket.payload": payload });
  }

  /** @param {number} connection @param {number} at @param {"client"|"server"} from @param {number} code */
  close(connection, at, from, code) {
    return this.frame(connection, from, at, "websocket", "close", 4, { "websocket.payload.close.status_code": String(code) }, "close");
  }

  /** @param {number} connection @param {number} at @param {"client"|"server"} from @param {string} how */
  end(connection, at, from, how) {
    this.capture.apply({ connections: [{ number: connection, ends: [{ from, at: iso(at), how }] }] });
    return this;
  }

  /**
   * @param {number} connection @param {"client"|"server"} from @param {number} at
   * @param {string} protocol @param {string} kind @param {number} length @param {Record<string, string>} values
   * @param {string} [ends] how it ends what its side sends
   */
  frame(connection, from, at, protocol, kind, length, values, ends) {
    const offset = this.#offset(connection, from);
    this.#offsets[`${connection} ${from}`] = offset + length;
    this.capture.apply({ connections: [{ number: connection, segments: [{ from, at: iso(at), offset, length }] }] });
    const fields = Object.entries(values).map(([name, value]) => ({ name, value, offset: 0, length: value.length }));
    return this.#apply({ connection, from, at: iso(at), offset, length, protocol, kind, say: [], fields, ends });
  }

  /** @param {{connection: number, from: string, kind: string, [member: string]: any}} frame @param {object[]} events */
  #apply(frame, events = []) {
    const direction = `${frame.connection} ${frame.from}`;
    if (frame.kind === "request" || frame.kind === "response") this.#counts[direction] = (this.#counts[direction] ?? 0) + 1;
    this.capture.apply({ frames: [{ exchange: this.#counts[direction], ...frame }], events });
    return this;
  }

  /** @param {number} connection @param {string} from */
  #offset(connection, from) {
    return this.#offsets[`${connection} ${from}`] ?? 0;
  }
}

/**
 * What matters of findings: side, kind, word, times after the start, arguments.
 * @param {import("../lib/finding.js").Finding[]} findings
 */
export function brief(findings) {
  for (const { word } of findings) assert.match(word, /^finding\.\w+\.\w+$/);
  return findings.map(({ side, kind, from, to, word, args }) => [
    side,
    kind,
    word.replace(/^finding\.\w+\./, ""),
    from - start,
    ...(to === undefined ? [] : [to - start]),
    args,
  ]);
}

/** @param {number} at */
function iso(at) {
  return new Date(start + at).toISOString();
}

/** Reports of one side, each as [ms, kind, details]. @param {"sse"|"ws"} side @param {[number, string, object?][]} list */
export function reports(side, list) {
  return list.map(([at, kind, details]) => ({ side, at: start + at, kind, ...details }));
}

/**
 * What of a verdict is not met, by the last part of its word; "!" before what
 * nothing can mend.
 * @param {import("../lib/verdict.js").Verdict} verdict
 */
export function failed({ passed, decided, checks, hint }) {
  const words = checks.filter(({ ok }) => !ok).map(({ word, final }) => (final ? "!" : "") + word.split(".").at(-1));
  assert.equal(passed, words.length === 0);
  assert.equal(decided, words.some((word) => word.startsWith("!")));
  assert.equal(hint === 0, passed);
  for (const { ok, place } of checks) if (!ok && place) assert.equal(typeof place.connection, "number");
  return words;
}
