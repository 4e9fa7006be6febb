// @ts-check
/**
 * A capture as the page knows it: what the server recorded of a run, put
 * together again from the documents that it sends. Each document holds only
 * what is new; a whole capture from /captures/{id}.json is one document.
 *
 * @typedef {'client'|'server'} From  the end that sent the bytes
 * @typedef {'sse'|'ws'} Side         the side of the page that a connection belongs to
 *
 * @typedef {object} Field
 * @property {string} name
 * @property {number} offset          from the frame's first byte
 * @property {number} length          in bytes
 * @property {string} [mask]          hex, over the field's bytes: the bits that are the field's
 * @property {string} value
 * @property {boolean} [hex]          value is hexadecimal
 * @property {{kind: string, bytes: number}} [covered] what of the value lets people in, and was overwritten
 * @property {number} [piece]         1 to pieces where a chunk boundary cuts the field
 * @property {number} [pieces]
 *
 * @typedef {object} Frame
 * @property {number} connection
 * @property {From} from
 * @property {string} [at]            as in the JSON of a capture
 * @property {number} time            `at` in epoch milliseconds of the server's clock
 * @property {number} offset          of its first byte, in this direction of the connection
 * @property {number} length
 * @property {string} protocol        'http1', 'http2', 'sse', 'websocket' or 'data'
 * @property {string} kind
 * @property {{key: string, count?: number, text?: string}[]} [say]  what it is in one line, see summary.js
 * @property {Field[]} fields
 * @property {any} [sse]              what the line did to the parser
 * @property {{first: number, fragment: number, length: number, compressed?: boolean, takeover?: boolean, inflated?: number}} [message]
 *                                    of a WebSocket fragment or compressed frame: what it adds up to with those before
 * @property {{code: string, section: string, message: string, follows?: string}[]} [violations]
 * @property {number} [exchange]      the number of its request on the connection; absent where it belongs to none
 * @property {"complete"|"close"|"reset"} [ends]  how what its side sends in the exchange ends with it
 * @property {boolean} [incomplete]
 * @property {number} [stream]        of HTTP/2, also of a line of an event stream in it
 * @property {{name: string, value: string}[]} [headers] of HTTP/2
 * @property {number} [window]        of HTTP/2: the bytes that the stream may still send after a DATA frame
 *
 * @typedef {{from: From, time: number, how: string}} End
 *
 * @typedef {{side: Side, time: number, event: string, text: string, word: string, args: string[]}} Line   what the server said, on its
 * clock; its words in other languages, if any, are at a key of the experiment's
 */

/**
 * The kind that a frame of HTTP/2 gets here if its stream is another request's:
 * of those a capture has the headers, because the run's own can't be read without.
 */
export const FOREIGN = "foreign";

/** How many frames the page keeps: the newest. */
const KEPT = 50_000;

/** The bytes of one direction, in a buffer that doubles when it is full. */
class Bytes {
  length = 0;
  /** Where the buffer begins. */
  #start = 0;
  #buffer = new Uint8Array(4096);

  /** @param {Uint8Array} more */
  append(more) {
    const begin = this.length - this.#start;
    const end = begin + more.length;
    if (end > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(end, 2 * this.#buffer.length));
      larger.set(this.#buffer.subarray(0, begin));
      this.#buffer = larger;
    }
    this.#buffer.set(more, begin);
    this.length += more.length;
  }

  /** Lets go of what lies before an offset. @param {number} offset */
  forget(offset) {
    offset = Math.min(offset, this.length);
    if (offset <= this.#start) return;
    this.#buffer = this.#buffer.slice(offset - this.#start);
    this.#start = offset;
  }

  /** @param {number} offset @param {number} length */
  slice(offset, length) {
    if (offset < this.#start) return new Uint8Array();
    return this.#buffer.slice(offset - this.#start, Math.min(offset + length, this.length) - this.#start);
  }
}

/** @param {string} base64 */
export function fromBase64(base64) {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

/** @param {Bytes} bytes */
function base64(bytes) {
  return btoa(Array.from(bytes.slice(0, bytes.length), (byte) => String.fromCharCode(byte)).join(""));
}

/** One TCP connection of the run. */
export class Connection {
  peer = "";
  protocol = "";
  /** The part of the way behind a proxy, "backend"; "" for the one that the browser sees. */
  hop = "";
  /** @type {Side} */
  side = "sse";
  dropped = 0;
  /** Bytes that are not there, between the first and the newest. */
  missing = 0;
  /** @type {{from: From, time: number, offset: number, length: number}[]} */
  segments = [];
  /** @type {End[]} */
  ends = [];
  /** The streams of HTTP/2 that the run opened; empty where all are the run's. @type {Set<number>} */
  streams = new Set();
  bytes = { client: new Bytes(), server: new Bytes() };
  /** The lines of event streams, by offset: a chunk finds those that lie in it. By stream, 0 in HTTP/1.1. @type {Record<From, Map<number, Frame[]>>} */
  lines = { client: new Map(), server: new Map() };

  /** @param {number} number */
  constructor(number) {
    this.number = number;
  }
}

export class Capture extends EventTarget {
  id = "";
  /** @type {Map<number, Connection>} */
  connections = new Map();
  /** In the order in which they were complete. @type {Frame[]} */
  frames = [];
  /** What a browser dispatches from the event streams. @type {{type: string, data: string, lastEventId: string}[]} */
  events = [];
  /** @type {Line[]} */
  log = [];
  /** What the server did not dissect, because it would have taken too much. @type {{code: string, count: number}[]} */
  leftOut = [];
  lastEventId = "";
  /** In milliseconds; undefined where no stream set it. @type {number|undefined} */
  reconnectionTime;
  /** How many of the oldest frames this page has let go. */
  forgotten = 0;
  /** Counts the times that the capture was emptied. */
  generation = 0;
  #clockOffset = 0;
  #scheduled = false;

  /** What to take from a time of the server to have it on the browser's clock, in milliseconds. */
  get clockOffset() {
    return this.#clockOffset;
  }

  set clockOffset(offset) {
    this.#clockOffset = offset;
    this.#change();
  }

  /** Bytes that the server did not keep, because the capture was full. */
  get dropped() {
    let dropped = 0;
    for (const connection of this.connections.values()) dropped += connection.dropped;
    return dropped;
  }

  /** Bytes that the server has let go for newer ones. */
  get missing() {
    let missing = 0;
    for (const connection of this.connections.values()) missing += connection.missing;
    return missing;
  }

  /** Adds a document. 'change' is fired at most once in an animation frame. @param {any} document */
  apply(document) {
    this.id = document.id || this.id;
    for (const part of document.connections ?? []) this.#applyConnection(part);
    for (const frame of document.frames ?? []) this.#applyFrame(frame);
    for (const event of document.events ?? []) this.events.push(event);
    for (const { at, path, event = "", text, key = "", args = [], ...known } of document.log ?? []) {
      if ("side" in known) {
        this.log.push({ event, text, args, ...known }); // as it was here before
        continue;
      }
      const [, , experiment] = path.split("/");
      const words = key && `server.${experiment}.${key}`;
      this.log.push({ side: path.endsWith("/ws") ? "ws" : "sse", time: parseTime(at), event, text, word: words, args });
    }
    if (document.notes && !document.source) this.leftOut = document.notes; // of a file the page says it beside others
    this.lastEventId = document.lastEventId ?? this.lastEventId;
    this.reconnectionTime = document.reconnectionTime ?? this.reconnectionTime;
    if (this.frames.length > 1.2 * KEPT) this.#forget();
    this.#change();
  }

  /** A document that has all of it, for apply(). */
  toJSON() {
    const { id, frames, events, leftOut, lastEventId, reconnectionTime } = this;
    const connections = Array.from(this.connections.values(), ({ bytes, streams, missing, lines, side, ...connection }) => ({
      ...connection,
      gaps: [{ length: missing }],
      streams: [...streams],
      client: base64(bytes.client),
      server: base64(bytes.server),
    }));
    return { id, connections, frames, events, log: this.log, notes: leftOut, lastEventId, reconnectionTime };
  }

  /** Empties the capture, for a feed that starts over. */
  clear() {
    this.connections.clear();
    this.frames = [];
    this.events = [];
    this.log = [];
    this.leftOut = [];
    this.lastEventId = "";
    this.reconnectionTime = undefined;
    this.forgotten = 0;
    this.generation++;
    this.#change();
  }

  /** @param {number} connection @returns {Side} */
  sideOf(connection) {
    return this.connections.get(connection)?.side ?? "sse";
  }

  /** @param {number} connection */
  hopOf(connection) {
    return this.connections.get(connection)?.hop ?? "";
  }

  /** What the part of the way that the client sees is called; "" where that need not be said. */
  front = "";

  /**
   * A copy of recorded bytes; shorter than asked for where they were dropped.
   * @param {number} connection @param {From} from @param {number} offset @param {number} length
   */
  bytesOf(connection, from, offset, length) {
    return this.connections.get(connection)?.bytes[from].slice(offset, length) ?? new Uint8Array();
  }

  /**
   * The lines of an event stream that have bytes in a range.
   * @param {number} number @param {From} from @param {number} start @param {number} end @param {number} [stream] of HTTP/2
   */
  linesIn(number, from, start, end, stream = 0) {
    const lines = this.connections.get(number)?.lines[from].get(stream) ?? [];
    let low = 0;
    let high = lines.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (lines[middle].offset + lines[middle].length <= start) low = middle + 1;
      else high = middle;
    }
    const found = [];
    for (; low < lines.length && lines[low].offset < end; low++) found.push(lines[low]);
    return found;
  }

  /** @param {any} part */
  #applyConnection(part) {
    const connection = this.#connection(part.number);
    connection.peer = part.peer || connection.peer;
    connection.hop = part.hop ?? connection.hop;
    connection.protocol = part.protocol || connection.protocol;
    connection.dropped = part.dropped ?? connection.dropped;
    for (const { length } of part.gaps ?? []) connection.missing += length;
    for (const stream of part.streams ?? []) connection.streams.add(stream);
    for (const from of /** @type {From[]} */ (["client", "server"])) {
      for (const piece of [part[from] ?? []].flat()) {
        connection.bytes[from].append(typeof piece === "string" ? fromBase64(piece) : piece);
      }
    }
    for (const { from, at, time = parseTime(at), offset, length } of part.segments ?? []) {
      connection.segments.push({ from, time, offset, length });
    }
    for (const { from, at, time = parseTime(at), how } of part.ends ?? []) {
      connection.ends.push({ from, time, how });
    }
  }

  /** @param {Frame} frame */
  #applyFrame(frame) {
    const connection = this.#connection(frame.connection);
    frame.time ??= parseTime(frame.at ?? "");
    if (frame.stream && connection.streams.size > 0 && !connection.streams.has(frame.stream)) frame.kind = FOREIGN;
    this.frames.push(frame);
    if (frame.protocol === "websocket") connection.side = "ws";
    if (frame.protocol === "sse") {
      const lines = connection.lines[frame.from];
      const stream = frame.stream ?? 0;
      if (!lines.has(stream)) lines.set(stream, []);
      lines.get(stream)?.push(frame);
    }
    if (frame.kind === "request" && frame.protocol === "http1") connection.side = sideOf(frame);
  }

  /** @param {number} number */
  #connection(number) {
    let connection = this.connections.get(number);
    if (!connection) this.connections.set(number, (connection = new Connection(number)));
    return connection;
  }

  /** Lets the oldest frames go, and with them what they were dissected from. */
  #forget() {
    const gone = this.frames.splice(0, this.frames.length - KEPT);
    this.forgotten += gone.length;
    this.events.splice(0, this.events.length - KEPT);
    const oldest = this.frames[0].time;
    /** Where the frames of each direction begin now, or may. @type {Map<string, number>} */
    const begin = new Map();
    const behind = new Map();
    for (const { connection, from, offset, length } of gone) {
      const direction = `${connection}.${from}`;
      behind.set(direction, Math.max(offset + length, behind.get(direction) ?? 0));
    }
    for (const { connection, from, offset } of this.frames) {
      const direction = `${connection}.${from}`;
      begin.set(direction, Math.min(offset, begin.get(direction) ?? Infinity));
    }
    for (const connection of this.connections.values()) {
      const { number, lines, bytes } = connection;
      for (const from of /** @type {From[]} */ (["client", "server"])) {
        const direction = `${number}.${from}`;
        bytes[from].forget(begin.get(direction) ?? behind.get(direction) ?? 0);
      }
      connection.segments = connection.segments.filter(
        ({ from, offset, length }) => offset + length > (begin.get(`${number}.${from}`) ?? Infinity),
      );
      for (const list of [...lines.client.values(), ...lines.server.values()]) {
        const kept = list.findIndex((line) => line.time >= oldest);
        list.splice(0, kept < 0 ? list.length : kept);
      }
    }
  }

  #change() {
    if (this.#scheduled) return;
    this.#scheduled = true;
    const later = globalThis.requestAnimationFrame ?? setTimeout;
    later(() => {
      this.#scheduled = false;
      this.dispatchEvent(new Event("change"));
    });
  }
}

/**
 * The value of the first field of that name. What HTTP/1.1 has fields for is
 * found in a frame of HTTP/2 too.
 * @param {Frame} frame @param {string} name
 */
export function valueOf(frame, name) {
  const value = frame.fields.find((field) => field.name === name)?.value;
  if (value !== undefined || frame.protocol !== "http2") return value;
  if (name === "http.file_data") return valueOf(frame, "http2.data.data");
  return headerOf(frame, name)?.value;
}

/** The header of HTTP/2 that HTTP/1.1 has that field for. @param {Frame} frame @param {string} field */
export function headerOf({ headers }, field) {
  if (!headers || !field.startsWith("http.")) return undefined;
  const name = PSEUDO_HEADERS[field] ?? field.slice("http.".length).replaceAll("_", "-");
  return headers.find((header) => header.name === name);
}

/** What stands for the parts of a start line (RFC 9113 §8.3). @type {Record<string, string>} */
const PSEUDO_HEADERS = {
  "http.request.method": ":method",
  "http.request.uri": ":path",
  "http.response.code": ":status",
};

/**
 * A time as Go writes it, in epoch milliseconds with its nanoseconds as a
 * fraction; Date.parse alone cuts them off.
 * @param {string} at
 */
export function parseTime(at) {
  const [, seconds, fraction = "0", zone] = /^([^.]*?)(\.\d+)?(Z|[+-]\d\d:\d\d)$/.exec(at) ?? [];
  return Date.parse(seconds + zone) + Number(fraction) * 1000;
}

/**
 * The side that a request is of. A connection may carry requests of both: after
 * a handshake that was refused, WebKitGTK goes on to use it.
 * @param {Frame} request
 * @returns {Side}
 */
export function sideOf(request) {
  const path = (valueOf(request, "http.request.uri") ?? "").split("?")[0];
  const upgrade = (valueOf(request, "http.upgrade") ?? "").toLowerCase();
  return upgrade === "websocket" || path.endsWith("/ws") ? "ws" : "sse";
}
