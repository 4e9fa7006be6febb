// @ts-check
/**
 * The rows of the frame list. A row is what a reader takes for one thing:
 *
 * - a chunk together with the lines of the event stream that lie in it;
 * - where a stream comes without chunks, its lines up to their blank line;
 * - on a connection of HTTP/2, what belongs to other requests than the run's, as far as it lies together;
 * - any other frame by itself;
 * - the opening of a connection, and each end of it.
 */

import { FOREIGN, headerOf } from "./capture.js";

/**
 * @typedef {import('./capture.js').Capture} Capture
 * @typedef {import('./capture.js').Frame} Frame
 * @typedef {import('./capture.js').Field} Field
 * @typedef {import('./capture.js').From} From
 *
 * @typedef {object} Row
 * @property {'open'|'end'|'frame'|'lines'|'foreign'} kind
 * @property {number} connection
 * @property {From} from
 * @property {number} offset          of its first byte in this direction; -1 for an opening, Infinity for an end
 * @property {number} length          in bytes
 * @property {number} time            epoch milliseconds, on the server's clock
 * @property {Frame[]} frames         the chunk, the lines or the one frame
 * @property {string} [how]           of an end: 'fin', 'reset', …
 * @property {Row} [like]             the one before it of the same kind and direction: what varies is told against it
 *
 * @typedef {object} Tile             a field at its place in the direction's bytes
 * @property {number} offset
 * @property {number} length
 * @property {Field} field
 * @property {Frame} frame
 */

/** Kinds of frames that end a body or a connection. */
const ENDINGS = ["last-chunk", "close"];

export class Rows {
  /** In order of time. @type {Row[]} */
  list = [];

  #capture;
  #generation;
  /** Frames seen, counting those that the capture has let go since. */
  #seen = 0;
  /** Ends seen of each connection. @type {Map<number, number>} */
  #ends = new Map();
  /** Directions whose body comes in chunks now. @type {Set<string>} */
  #chunked = new Set();
  /** The block that is being read where there are no chunks. @type {Map<string, Row>} */
  #blocks = new Map();
  /** The last row of a direction. @type {Map<string, Row>} */
  #last = new Map();
  /** What belongs to other requests, where it goes on. @type {Map<string, Row>} */
  #foreign = new Map();

  /** @param {Capture} capture */
  constructor(capture) {
    this.#capture = capture;
    this.#generation = capture.generation;
  }

  /** Takes in what the capture has got since the last time. */
  update() {
    const { frames, forgotten, connections, generation } = this.#capture;
    if (generation !== this.#generation) this.#startOver();

    const before = this.list.length;
    for (const connection of connections.values()) {
      if (this.#ends.has(connection.number)) continue;
      this.#ends.set(connection.number, 0);
      const time = connection.segments[0]?.time;
      // Imported bytes have no peer, so no 'opened' row.
      if (time !== undefined && connection.peer) this.#add("open", connection.number, "client", -1, 0, time, []);
    }
    for (let i = Math.max(0, this.#seen - forgotten); i < frames.length; i++) this.#addFrame(frames[i]);
    this.#seen = forgotten + frames.length;
    for (const connection of connections.values()) {
      const seen = this.#ends.get(connection.number) ?? 0;
      for (const end of connection.ends.slice(seen)) {
        this.#add("end", connection.number, end.from, Infinity, 0, end.time, []).how = end.how;
      }
      this.#ends.set(connection.number, connection.ends.length);
    }
    this.#sortFrom(before);
    this.#forget(forgotten > 0 ? frames[0]?.time : -Infinity);
  }

  /** The row that holds a byte of a direction. @param {number} connection @param {From} from @param {number} offset */
  at(connection, from, offset) {
    return this.list.findLast(
      (row) =>
        row.connection === connection &&
        row.from === from &&
        (row.offset === offset || (row.offset <= offset && offset < row.offset + row.length)),
    );
  }

  /**
   * The newest row that has a field of that name, and where the field is. What
   * ends a stream shows a field only where nothing else does: a lesson that
   * speaks of frames means those with a payload.
   * @param {string} name
   */
  newestWith(name) {
    return this.#newest(name, (frame) => !ENDINGS.includes(frame.kind)) ?? this.#newest(name, () => true);
  }

  /**
   * The row of a side that is nearest to a time; where a field is named, among
   * those that have it, and where that is. A row without bytes, such as a reset,
   * counts at its own time only.
   * @param {import('./capture.js').Side} side
   * @param {number} time on the server's clock
   * @param {string} [name]
   * @returns {{row: Row, offset: number|undefined}|undefined}
   */
  near(side, time, name) {
    let nearest;
    for (const row of this.list) {
      if (this.#capture.sideOf(row.connection) !== side || (row.length === 0 && Math.abs(row.time - time) > 1)) continue;
      const tile = name === undefined ? undefined : tilesOf(this.#capture, row).find(({ field }) => field.name === name);
      if (name !== undefined && !tile) continue;
      // An opening has the time of its first bytes, which say more.
      if (nearest && nearest.row.kind !== "open" && Math.abs(nearest.row.time - time) <= Math.abs(row.time - time)) continue;
      nearest = { row, offset: tile?.offset };
    }
    return nearest ?? (name === undefined ? undefined : this.near(side, time));
  }

  /**
   * @param {string} name
   * @param {(frame: Frame) => boolean} counts
   */
  #newest(name, counts) {
    const { frames } = this.#capture;
    for (let i = frames.length - 1; i >= 0; i--) {
      const field = counts(frames[i]) && fieldOf(frames[i], name);
      if (!field) continue;
      const offset = frames[i].offset + field.offset;
      const row = this.at(frames[i].connection, frames[i].from, offset);
      if (row) return { row, offset };
    }
    return undefined;
  }

  /** @param {Frame} frame */
  #addFrame(frame) {
    const direction = `${frame.connection}.${frame.from}`;
    if (this.#addForeign(direction, frame)) return;
    if (frame.protocol === "http1" && (frame.kind === "response" || frame.kind === "request")) {
      const coding = frame.fields.find((field) => field.name === "http.transfer_encoding")?.value ?? "";
      if (/\bchunked\b/i.test(coding)) this.#chunked.add(direction);
      else this.#chunked.delete(direction);
      this.#blocks.delete(direction);
    }
    // The end of a stream is a row by itself: it has no byte that a chunk could hold.
    if (frame.protocol !== "sse" || frame.kind === "end") {
      this.#blocks.delete(direction);
      this.#add("frame", frame.connection, frame.from, frame.offset, frame.length, frame.time, [frame]);
      return;
    }
    if (this.#chunked.has(direction) || frame.stream) return; // its chunk, or its frame of HTTP/2, shows it

    const block = this.#blocks.get(direction);
    if (block) {
      block.frames.push(frame);
      block.length = frame.offset + frame.length - block.offset;
    } else {
      const row = this.#add("lines", frame.connection, frame.from, frame.offset, frame.length, frame.time, [frame]);
      this.#blocks.set(direction, row);
    }
    if (frame.kind === "blank") this.#blocks.delete(direction);
  }

  /**
   * Adds a frame to those of other requests, if it is one, or a window update for
   * all between them.
   * @param {string} direction @param {Frame} frame
   */
  #addForeign(direction, frame) {
    const row = this.#foreign.get(direction);
    const foreign = frame.kind === FOREIGN;
    if (row && (foreign || (frame.kind === "window-update" && !frame.stream))) {
      row.frames.push(frame);
      row.length = frame.offset + frame.length - row.offset;
      return true;
    }
    this.#foreign.delete(direction);
    if (!foreign) return false;
    const { connection, from, offset, length, time } = frame;
    this.#foreign.set(direction, this.#add("foreign", connection, from, offset, length, time, [frame]));
    return true;
  }

  /**
   * @param {Row['kind']} kind @param {number} connection @param {From} from @param {number} offset
   * @param {number} length @param {number} time @param {Frame[]} frames
   */
  #add(kind, connection, from, offset, length, time, frames) {
    /** @type {Row} */
    const row = { kind, connection, from, offset, length, time, frames };
    const direction = `${connection}.${from}`;
    const last = this.#last.get(direction);
    // A copy, so that a row does not keep all those before it.
    if (last?.kind === kind && last.frames[0]?.kind === frames[0]?.kind) row.like = { ...last, like: undefined };
    this.#last.set(direction, row);
    this.list.push(row);
    return row;
  }

  /** Connections come one after the other in a document; the list goes by time. @param {number} index */
  #sortFrom(index) {
    for (let i = Math.max(1, index); i < this.list.length; i++) {
      if (this.list[i].time < this.list[i - 1].time) {
        this.list.sort((a, b) => a.time - b.time);
        return;
      }
    }
  }

  /** @param {number} time */
  #forget(time) {
    const kept = this.list.findIndex((row) => row.time >= time);
    if (kept > 0) this.list.splice(0, kept);
  }

  #startOver() {
    this.list = [];
    this.#generation = this.#capture.generation;
    this.#seen = 0;
    this.#ends.clear();
    this.#chunked.clear();
    this.#blocks.clear();
    this.#last.clear();
    this.#foreign.clear();
  }
}

/**
 * The field of that name; in HTTP/2, for a header that HTTP/1.1 has a field for,
 * where its value stands.
 * @param {Frame} frame @param {string} name
 */
function fieldOf(frame, name) {
  const field = frame.fields.find((field) => field.name === name);
  const header = field ? undefined : headerOf(frame, name);
  if (!header) return field;
  const indexed = `→ ${header.name}: ${header.value}`;
  return frame.fields.find(
    ({ name, value }) =>
      (name === "http2.header.value" && value === header.value) || (name === "http2.header.index" && value.endsWith(indexed)),
  );
}

/** The lines of an event stream that a row shows. @param {Capture} capture @param {Row} row @returns {Frame[]} */
export function linesOf(capture, row) {
  if (row.frames[0]?.protocol === "sse") return row.frames;
  const [frame] = row.frames;
  if (frame?.protocol !== "http1" && !(frame?.protocol === "http2" && frame.kind === "data")) return [];
  return capture.linesIn(row.connection, row.from, row.offset, row.offset + row.length, frame.stream);
}

/** The fields of a row at their places, in order: they tile its bytes. @param {Capture} capture @param {Row} row @returns {Tile[]} */
export function tilesOf(capture, row) {
  const end = row.offset + row.length;
  const tiles = [];
  for (const frame of new Set([...row.frames, ...linesOf(capture, row)])) {
    for (const field of frame.fields) {
      const offset = frame.offset + field.offset;
      // A line that goes on in the next chunk has pieces outside of this one.
      if (offset >= row.offset && offset < end) tiles.push({ offset, length: field.length, field, frame });
    }
  }
  // Sorting is stable: bits of one byte keep the order in which they stand in it.
  return tiles.sort((a, b) => a.offset - b.offset);
}

/** A row's address in the page: '2.server.129'. @param {Row} row */
export function addressOf(row) {
  const place = row.kind === "open" ? "open" : row.kind === "end" ? "end" : row.offset;
  return `${row.connection}.${row.from}.${place}`;
}

/** @param {string} address @returns {{connection: number, from: From, offset: number}|undefined} */
export function parseAddress(address) {
  const [, connection, from, place] = /^(\d+)\.(client|server)\.(\d+|open|end)$/.exec(address) ?? [];
  if (!connection) return undefined;
  const offset = place === "open" ? -1 : place === "end" ? Infinity : Number(place);
  return { connection: Number(connection), from: /** @type {From} */ (from), offset };
}
