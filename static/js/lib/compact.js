// @ts-check
/**
 * Makes the compact documents of the live feed whole again. Their form is
 * described beside what writes them, playground/export/compact.go: what frames
 * have in common comes once, as a shape, and what stands in the bytes of the
 * capture, or in the state of its event streams, does not come at all.
 */

/**
 * @typedef {import("./capture.js").Capture} Capture
 * @typedef {import("./capture.js").Field} Field
 * @typedef {import("./capture.js").Frame} Frame
 *
 * @typedef {[protocol: string, kind: string, from: 0|1, ends: string, incomplete: 0|1, stream: 0|1, state: 0|1, rest: 0|1,
 *   say: [key: string, has: number][], fields: [name: string, skip: number, mask: string, hex: 0|1][]]} Shape
 */

const SIDES = /** @type {const} */ (["client", "server"]);

const MAX_STATES = 256;
const MAX_PHRASE = 120; // bytes

/** What a phrase may begin with beside the value of a field. */
const EVENT_TEXT = -1;
const LINE_TEXT = -2;

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
  /** The last state of each event stream. @type {Map<string, any>} */
  #states = new Map();

  /** @param {Capture} capture in which the documents before are */
  constructor(capture) {
    this.#capture = capture;
  }

  /** Adds a document to the capture. @param {any} compact */
  apply({ base, connections, shapes, frames: rows, ...document }) {
    for (const shape of shapes) this.#shapes.push(shape);
    for (const connection of connections) {
      connection.segments = connection.segments.map((/** @type {number[]} */ [from, time, offset, length]) => {
        return { from: SIDES[/** @type {0|1} */ (from)], time: base + time / 1e6, offset, length };
      });
    }
    this.#capture.apply({ ...document, connections }); // the frames' values are in its bytes
    const frames = rows.map((/** @type {any[]} */ row) => this.#frame(row, base));
    const seen = frames.filter((/** @type {Frame} */ { connection, sse }) => sse?.event && !this.#capture.hopOf(connection));
    this.#capture.apply({ frames, events: seen.map((/** @type {Frame} */ { sse }) => sse.event) });
  }

  /** @param {any[]} row @param {number} base @returns {Frame} */
  #frame(row, base) {
    const [named, connection, exchange, time, offset, length] = row;
    const [protocol, kind, side, ends, incomplete, hasStream, hasState, hasRest, say, fields] =
      typeof named === "number" ? this.#shapes[named] : /** @type {Shape} */ (named);
    let at = 6;
    /** @type {Frame} */
    const frame = { connection, from: SIDES[side], time: base + time / 1e6, offset, length, protocol, kind, say: [], fields: [] };
    if (exchange) frame.exchange = exchange;
    if (ends) frame.ends = /** @type {Frame["ends"]} */ (ends);
    if (incomplete) frame.incomplete = true;
    if (hasStream) frame.stream = row[at++];
    const phrases = say.map(([key, has]) => {
      /** @type {{key: string, count?: number, text?: any}} */
      const phrase = { key };
      if (has & 1) phrase.count = row[at++];
      if (has & 2) phrase.text = row[at++];
      return phrase;
    });

    let end = 0;
    for (const [name, skip, mask, hex] of fields) {
      const [length, value] = [row[at++], row[at++]];
      /** @type {Field} */
      let field = { name, offset: end + skip, length, value };
      if (typeof value === "object") field = value;
      else if (value === 0) field.value = this.#text(frame, field.offset, length);
      if (mask) field.mask = mask;
      if (hex) field.hex = true;
      frame.fields.push(field);
      end = field.offset + length;
    }

    if (hasState) frame.sse = this.#state(frame, row[at++]);
    for (const phrase of phrases) {
      if (typeof phrase.text === "number") phrase.text = clip(this.#whole(frame, phrase.text));
    }
    frame.say = phrases;
    if (hasRest) Object.assign(frame, row[at]);
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
