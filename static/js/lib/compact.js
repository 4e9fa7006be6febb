// @ts-check
/**
 * Makes the compact documents of the live feed whole again. Their form is
 * described beside what writes them, playground/export/compact.go: what frames
 * have in common comes once, as a shape, and what stands in the bytes of the
 * capture, in the segment or the frame before, or in the state of its event
 * streams, does not come at all.
 */

import { fromBase64 } from "./capture.js";

/**
 * @typedef {import("./capture.js").Capture} Capture
 * @typedef {import("./capture.js").Field} Field
 * @typedef {import("./capture.js").Frame} Frame
 *
 * @typedef {[protocol: string, kind: string, from: 0|1, ends: string, flags: number,
 *   say: [key: string, has: number][], fields: [name: string, skip: number, mask: string, hex: 0|1][]]} Shape
 */

const SIDES = /** @type {const} */ (["client", "server"]);

const MAX_STATES = 256;
const MAX_PHRASE = 120; // bytes

/** What a phrase may begin with beside the value of a field. */
const EVENT_TEXT = -1;
const LINE_TEXT = -2;

/** What a page knows of a direction before its first segment. */
const NOTHING = { bytes: new Uint8Array(), end: 0 };

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();
const phrase = new Uint8Array(MAX_PHRASE);

/** Whether this browser can inflate what compact documents come in. */
export const canExpand = typeof DecompressionStream === "function";

/** @param {ArrayBuffer} message a document as it is sent, under DEFLATE (RFC 1951) */
export async function inflated(message) {
  const stream = new Blob([message]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return JSON.parse(await new Response(stream).text());
}

export class Expander {
  #capture;
  /** @type {Shape[]} */
  #shapes = [];
  /** The values of the newest row of each shape. @type {any[][]} */
  #values = [];
  /** The last state of each event stream. @type {Map<string, any>} */
  #states = new Map();
  /** The last segment of each direction, and where it ends. @type {Map<string, {bytes: Uint8Array, end: number}>} */
  #segments = new Map();

  /** @param {Capture} capture in which the documents before are */
  constructor(capture) {
    this.#capture = capture;
  }

  /** Adds a document to the capture. @param {any} compact */
  apply({ base, connections, shapes, frames: rows, ...document }) {
    this.#shapes.push(...shapes);
    let since = 0;
    const after = (/** @type {number} */ time) => base + (since += time) / 1e6;
    for (const connection of connections) this.#expand(connection, after);
    this.#capture.apply({ ...document, connections }); // the frames' values are in its bytes
    const frames = rows.map((/** @type {any[]} */ row) => this.#frame(row, after));
    const seen = frames.filter((/** @type {Frame} */ { connection, sse }) => sse?.event && !this.#capture.hopOf(connection));
    this.#capture.apply({ frames, events: seen.map((/** @type {Frame} */ { sse }) => sse.event) });
  }

  /** Makes the segments of a connection whole, and its bytes. @param {any} connection @param {(time: number) => number} after */
  #expand(connection, after) {
    const fresh = SIDES.map((side) => fromBase64(connection[side] ?? ""));
    for (const side of SIDES) connection[side] = [];
    connection.segments = connection.segments.map((/** @type {number[]} */ [side, time, length, ...runs]) => {
      const key = `${connection.number}.${side}`;
      const before = this.#segments.get(key) ?? NOTHING;
      const whole = new Uint8Array(length);
      let at = 0;
      const put = (/** @type {Uint8Array} */ some) => {
        whole.set(some, at);
        at += some.length;
      };
      const putFresh = (/** @type {number} */ n) => {
        put(fresh[side].subarray(0, n));
        fresh[side] = fresh[side].subarray(n);
      };
      for (let i = 0; i < runs.length; i += 3) {
        const [n, from, length] = runs.slice(i, i + 3);
        putFresh(n);
        put(before.bytes.subarray(from, from + length));
      }
      putFresh(length - at);
      this.#segments.set(key, { bytes: whole, end: before.end + length });
      connection[SIDES[side]].push(whole);
      return { from: SIDES[side], time: after(time), offset: before.end, length };
    });
  }

  /** @param {any[]} row @param {(time: number) => number} after @returns {Frame} */
  #frame([named, connection, exchange, time, offset, length, ...changes], after) {
    const kept = typeof named === "number";
    const [protocol, kind, side, ends, flags, say, fields] = kept ? this.#shapes[named] : /** @type {Shape} */ (named);
    const values = kept ? (this.#values[named] ??= []) : [];
    for (let i = 0; i < changes.length; i += 2) values[changes[i]] = changes[i + 1];
    let at = 0;
    /** @type {Frame} */
    const frame = { connection, from: SIDES[side], time: after(time), offset, length, protocol, kind, say: [], fields: [] };
    if (exchange) frame.exchange = exchange;
    if (ends) frame.ends = /** @type {Frame["ends"]} */ (ends);
    if (flags & 1) frame.incomplete = true;
    if (flags & 2) frame.stream = values[at++];
    const phrases = say.map(([key, has]) => {
      /** @type {{key: string, count?: number, text?: any}} */
      const phrase = { key };
      if (has & 1) phrase.count = values[at++];
      if (has & 2) phrase.text = values[at++];
      return phrase;
    });

    let end = 0;
    for (const [name, skip, mask, hex] of fields) {
      const [length, value] = [values[at++], values[at++]];
      /** @type {Field} */
      let field = { name, offset: end + skip, length, value };
      if (typeof value === "object") field = value;
      else if (value === 0) field.value = this.#text(frame, field.offset, length);
      if (mask) field.mask = mask;
      if (hex) field.hex = true;
      frame.fields.push(field);
      end = field.offset + length;
    }

    if (flags & 4) frame.sse = this.#state(frame, values.slice(at, (at += flags & 8 ? 9 : 6)));
    for (const phrase of phrases) {
      if (typeof phrase.text === "number") phrase.text = clip(this.#whole(frame, phrase.text));
    }
    frame.say = phrases;
    if (flags & 16) Object.assign(frame, values[at]);
    return frame;
  }

  /** The text of some bytes of a frame. @param {Frame} frame @param {number} offset @param {number} length */
  #text(frame, offset, length) {
    return decoder.decode(this.#capture.bytesOf(frame.connection, frame.from, frame.offset + offset, length));
  }

  /** The text that a phrase begins. @param {Frame} frame @param {number} number @returns {string} */
  #whole(frame, number) {
    if (number === EVENT_TEXT) return frame.sse.event.data;
    if (number === LINE_TEXT) return this.#text(frame, 0, Math.min(frame.length, 2 * MAX_PHRASE)).replace(/[\r\n]+$/, "");
    return frame.fields[number].value;
  }

  /** @param {Frame} frame @param {any[]} row */
  #state(frame, [data, type, id, lastEventId, reconnectionTime, reason, ...event]) {
    const key = `${frame.connection}.${frame.from}.${frame.stream ?? 0}`;
    const before = this.#states.get(key) ?? { data: "", type: "", id: "", lastEventId: "", reason: "" };
    if (!this.#states.has(key) && this.#states.size === MAX_STATES) this.#states.clear();
    const value = frame.fields.find(({ name }) => name === "sse.data")?.value ?? "";
    /** @type {any} */
    const state = {
      data: data === 2 ? `${before.data}${value}\n` : same(data, before.data),
      type: same(type, before.type),
      id: same(id, before.id),
      lastEventId: same(lastEventId, before.lastEventId),
    };
    if (reconnectionTime >= 0) state.reconnectionTime = reconnectionTime;
    if (event.length > 0) {
      const [type, data, lastEventId] = event;
      state.event = {
        type,
        data: data === 2 ? before.data.slice(0, -1) : data,
        lastEventId: same(lastEventId, state.lastEventId),
      };
    }
    const why = same(reason, before.reason);
    this.#states.set(key, { ...state, reason: why });
    if (why) state.reason = why;
    return state;
  }
}

/** A text, or what a number stands for. @param {string|number} text @param {string} before */
function same(text, before) {
  if (typeof text === "string") return text;
  return text === 0 ? "" : before;
}

/** The start of a text, if it is too long for a phrase. @param {string} text */
function clip(text) {
  const { read } = encoder.encodeInto(text, phrase);
  return read === text.length ? text : `${text.slice(0, read)}…`;
}
