// @ts-check
// What a timeline shows of each side, taken from the capture (what was on the
// wire) and from the reports (what the browser handed to the code). Where a
// proxy stands in between, there is a part of the way behind it as well.

import { valueOf } from "../../lib/capture.js";

/**
 * @typedef {import('../../lib/capture.js').Capture} Capture
 * @typedef {import('../../lib/capture.js').Frame} Frame
 * @typedef {import('../../lib/capture.js').From} From
 * @typedef {import('../../lib/capture.js').Side} Side
 *
 * @typedef {object} Point            something that passed the server
 * @property {'event'|'head'|'quiet'|'up'} kind  'quiet' is what the browser keeps from the code: comments, pings
 * @property {number} time            epoch ms on the server's clock
 * @property {number} [other]         epoch ms on the browser's clock: when it landed there, or left
 * @property {number} connection
 * @property {From} from
 * @property {number} offset
 * @property {Frame} frame
 * @property {string} [data]          of a message, as far as it is known
 * @property {number} [bytes]         of a message
 * @property {string} [id]            last event ID
 * @property {any} [report]           the one that `other` is the time of
 * @property {Point} [passed]         of an event behind a proxy: the same where the proxy has passed it on
 *
 * @typedef {object} Mark             something that the browser told the code
 * @property {'open'|'error'|'close'|'throw'} kind
 * @property {number} time            epoch ms on the browser's clock
 * @property {boolean} trouble
 * @property {any} report
 *
 * @typedef {object} Stop             an end of a connection
 * @property {number} time            epoch ms on the server's clock
 * @property {number} connection
 * @property {From} from
 * @property {string} how
 */

/** How far back a report looks for what it reports. */
const REACH = 256;

/** How many points of a side are kept: the newest. */
const KEPT = 30_000;

class SideFacts {
  /** @type {Point[]} */
  points = [];
  /** @type {Mark[]} */
  marks = [];
  /** @type {Stop[]} */
  stops = [];
  /** Events and messages that no report has spoken of. @type {Point[]} */
  waiting = [];
  /** Behind a proxy: how many points in front of it were compared with those that wait. */
  passed = 0;
  /** Messages reported whose frames have not come yet. @type {any[]} */
  reported = [];
  /** What the client sent, of which no report is known; and the other way round. @type {Point[]} */
  sentUp = [];
  /** @type {any[]} */
  reportedUp = [];
}

/** An answer that a fetch reads: where each event of it ends, counted in bytes of the body. */
class Body {
  length = 0;
  /** @type {{point: Point, end: number}[]} */
  events = [];
  read = 0;
}

export class Facts {
  sse = new SideFacts();
  ws = new SideFacts();
  /** What went between a proxy and the server behind it. */
  behind = { sse: new SideFacts(), ws: new SideFacts() };
  #capture;
  #generation;
  #frames = 0;
  #reports = 0;
  /** Stops seen of each connection. @type {Map<number, number>} */
  #stops = new Map();
  /** The messages whose fragments are arriving, by direction. @type {Map<string, {text: string, bytes: number}>} */
  #messages = new Map();
  /** The answers to requests without EventSource's Accept, by connection and stream. @type {Map<string, Body>} */
  #bodies = new Map();
  /** Those of them that hold events, in order: the n-th fetch that reads is reading the n-th. @type {Body[]} */
  #read = [];
  #reading = -1;
  #fetched = false;

  /** @param {Capture} capture */
  constructor(capture) {
    this.#capture = capture;
    this.#generation = capture.generation;
  }

  /** Whether these facts can go on, or new ones are needed. @param {Capture} capture @param {any[]} reports */
  continues(capture, reports) {
    return capture === this.#capture && capture.generation === this.#generation && reports.length >= this.#reports;
  }

  /** Takes in what is new. @param {any[]} reports */
  update(reports) {
    const { frames, forgotten, connections } = this.#capture;
    for (let i = Math.max(0, this.#frames - forgotten); i < frames.length; i++) this.#addFrame(frames[i]);
    this.#frames = forgotten + frames.length;
    for (const { number, side, hop, ends } of connections.values()) {
      const { stops } = (hop ? this.behind : this)[side];
      for (const end of ends.slice(this.#stops.get(number) ?? 0)) stops.push({ ...end, connection: number });
      this.#stops.set(number, ends.length);
    }
    for (const report of reports.slice(this.#reports)) this.#addReport(report);
    this.#reports = reports.length;
    matchHops(this.behind.sse, this.sse);
    matchHops(this.behind.ws, this.ws);
    for (const side of [this.sse, this.ws, this.behind.sse, this.behind.ws]) {
      match(side);
      for (const list of [side.points, side.waiting, side.sentUp]) {
        if (list.length > 1.2 * KEPT) list.splice(0, list.length - KEPT);
      }
    }
  }

  /** @param {Frame} frame */
  #addFrame(frame) {
    const isBehind = this.#capture.hopOf(frame.connection) !== "";
    const side = (isBehind ? this.behind : this)[this.#capture.sideOf(frame.connection)];
    const { connection, from, offset, time } = frame;
    /** @type {(kind: Point['kind'], more?: Partial<Point>) => Point} */
    const add = (kind, more) => {
      const point = { kind, connection, from, offset, time, frame, ...more };
      side.points.push(point);
      return point;
    };
    const exchange = `${connection}.${frame.stream ?? 0}`;
    switch (frame.protocol) {
      case "http1":
      case "http2":
        if (frame.kind === "request") {
          const point = add("up");
          if (valueOf(frame, "http.request.method") === "POST") side.sentUp.push(point);
          if (isBehind || /text\/event-stream/.test(valueOf(frame, "http.accept") ?? "")) this.#bodies.delete(exchange);
          else this.#bodies.set(exchange, new Body());
        } else if (frame.kind === "response") {
          add("head");
        }
        break;
      case "sse": {
        const body = this.#bodies.get(exchange);
        for (const field of frame.fields) if (body) body.length += field.length;
        if (frame.sse?.event) {
          const { data, lastEventId } = frame.sse.event;
          const point = add("event", { data, id: lastEventId });
          if (!body) side.waiting.push(point);
          else if (body.events.push({ point, end: body.length }) === 1) this.#read.push(body);
        } else if (frame.kind === "comment" || frame.sse?.reason === "no-data") {
          add("quiet");
        }
        break;
      }
      case "websocket":
        this.#addMessage(frame, side, add);
    }
  }

  /** @param {Frame} frame @param {SideFacts} side @param {(kind: Point['kind'], more?: Partial<Point>) => Point} add */
  #addMessage(frame, side, add) {
    const up = frame.from === "client";
    if (frame.kind !== "text" && frame.kind !== "binary" && frame.kind !== "continuation") {
      add(up ? "up" : "quiet");
      return;
    }
    const direction = `${frame.connection}.${frame.from}`;
    const before = frame.kind === "continuation" ? this.#messages.get(direction) : undefined;
    const payload = frame.fields.find((field) => field.name === "websocket.payload");
    const text = (before?.text ?? "") + (payload && !payload.hex ? payload.value : "");
    const bytes = (before?.bytes ?? 0) + (payload?.length ?? 0);
    this.#messages.set(direction, { text, bytes });
    const whole = valueOf(frame, "websocket.fin") === "1";
    const point = add(up ? "up" : whole ? "event" : "quiet", { data: text, bytes });
    if (whole) (up ? side.sentUp : side.waiting).push(point);
  }

  /** @param {any} report */
  #addReport(report) {
    const side = this[/** @type {Side} */ (report.side)];
    if (!side) return;
    switch (report.kind) {
      case "message":
        side.reported.push(report);
        break;
      case "send":
        side.reportedUp.push(report);
        break;
      case "open":
        side.marks.push({ kind: "open", time: report.at, trouble: false, report });
        break;
      case "error":
      case "throw":
        side.marks.push({ kind: report.kind, time: report.at, trouble: true, report });
        break;
      case "close":
        side.marks.push({ kind: "close", time: report.at, trouble: !report.wasClean, report });
        break;
      case "fetch":
        this.#fetched = true;
        break;
      case "read":
        if (this.#fetched) this.#reading++;
        this.#fetched = false;
        this.#addRead(this.#read[this.#reading], report);
    }
  }

  /** An event has landed with the read that its last byte came with. @param {Body|undefined} body @param {any} report */
  #addRead(body, report) {
    if (!body) return;
    body.read += report.bytes;
    for (const { point, end } of body.events) {
      if (end > body.read || point.report) continue;
      point.other = report.at;
      point.report = report;
    }
  }
}

/**
 * Finds where a proxy has passed on what came from behind it. It keeps the order.
 * @param {SideFacts} behind @param {SideFacts} front
 */
function matchHops(behind, front) {
  if (behind.waiting.length === 0) return;
  for (const point of front.points.slice(behind.passed)) {
    if (point.kind !== "event") continue;
    const found = behind.waiting.findIndex(({ data, bytes, id, time }) => data === point.data && bytes === point.bytes && id === point.id && time <= point.time);
    if (found < 0) continue;
    behind.waiting[found].passed = point;
    behind.waiting.splice(found, 1);
  }
  behind.passed = front.points.length;
}

/** Brings together what was sent and what was reported. @param {SideFacts} side */
function match(side) {
  side.reported = side.reported.filter((report) => {
    const found = side.waiting.slice(0, REACH).findIndex((point) => isOf(report, point));
    if (found < 0) return true;
    side.waiting[found].other = report.at;
    side.waiting[found].report = report;
    side.waiting.splice(0, found + 1); // messages arrive in the order in which they were sent
    return false;
  });
  side.reported.splice(0, side.reported.length - REACH);
  while (side.reportedUp.length > 0 && side.sentUp.length > 0) {
    const point = /** @type {Point} */ (side.sentUp.shift());
    point.report = side.reportedUp.shift();
    point.other = point.report.at;
  }
}

/** @param {any} report @param {Point} point */
function isOf({ data, length, lastEventId }, point) {
  if (typeof data !== "string") return data?.bytes === point.bytes;
  if (point.id !== undefined && lastEventId !== undefined && point.id !== lastEventId) return false;
  const known = point.data ?? "";
  // The dissector and the report both shorten what is long, each in its way.
  const start = known.endsWith("…") ? known.slice(0, -1) : known;
  if (start.length < known.length || length > data.length) return start.startsWith(data) || data.startsWith(start);
  return known === data;
}
