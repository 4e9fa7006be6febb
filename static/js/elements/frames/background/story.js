// @ts-check
// One event, or one message, followed from the server's wire to the learner's
// handler, or from their call down to the wire, with the time of each step.

import { framesOfMessage } from "./message.js";
import { frameText, visible } from "../summary.js";
import { valueOf } from "../../../lib/capture.js";
import { element } from "../../../lib/dom.js";
import { linesOf } from "../../../lib/framerows.js";
import { bytesIn, word } from "../../../lib/words.js";

/**
 * @typedef {import('../../../lib/capture.js').Capture} Capture
 * @typedef {import('../../../lib/capture.js').Frame} Frame
 * @typedef {import('../../../lib/framerows.js').Row} Row
 * @typedef {import('../../timeline/facts.js').Facts} Facts
 * @typedef {import('../../timeline/facts.js').Point} Point
 *
 * @typedef {object} Step
 * @property {string} word            after "background.story."
 * @property {Record<string, any>} [args]
 * @property {number} [time]          epoch ms on the browser's clock; absent where the moment was not observed
 * @property {Frame} [frame]          where it is on the wire
 */

/** As much of a value as a step has room for. */
const LONGEST = 80;

/**
 * What a row is about: the last frames of events and messages, of each the
 * block of bytes that it began with.
 * @param {Capture} capture @param {Row} row
 * @returns {{frame: Frame, first: Frame}[]}
 */
export function subjectsOf(capture, row) {
  const [frame] = row.frames;
  if (!frame) return [];
  if (frame.protocol === "websocket") {
    if (!["text", "binary", "continuation"].includes(frame.kind)) return [];
    const parts = framesOfMessage(capture, frame).filter((part) => !["ping", "pong", "close"].includes(part.kind));
    const last = parts.at(-1);
    return last && valueOf(last, "websocket.fin") === "1" ? [{ frame: last, first: parts[0] }] : [];
  }
  if (frame.kind === "request" && valueOf(frame, "http.request.method") === "POST") return [{ frame, first: frame }];
  const lines = linesOf(capture, row);
  if (lines.length === 0) return [];
  return eventsIn(capture, lines);
}

/** The events that have a line among these. @param {Capture} capture @param {Frame[]} lines */
function eventsIn(capture, lines) {
  const [{ connection, from, stream }] = lines;
  const all = capture.linesIn(connection, from, 0, Infinity, stream);
  const subjects = [];
  let first = all.indexOf(lines[0]);
  while (first > 0 && all[first - 1].kind !== "blank") first--;
  const end = all.indexOf(/** @type {Frame} */ (lines.at(-1)));
  for (let i = first; i >= 0 && i < all.length; i++) {
    if (all[i].sse?.event) subjects.push({ frame: all[i], first: all[first] });
    if (all[i].kind !== "blank") continue;
    first = i + 1;
    if (i >= end) break;
  }
  return subjects;
}

/**
 * @param {Capture} capture @param {{frame: Frame, first: Frame}} subject
 * @param {Facts} facts @param {any[]} reports
 * @returns {Step[]}
 */
export function stepsOf(capture, { frame, first }, facts, reports) {
  const side = capture.sideOf(frame.connection);
  const isBehind = capture.hopOf(frame.connection) !== "";
  const point = (isBehind ? facts.behind : facts)[side].points.findLast((point) => point.frame === frame);
  const wire = { ...onWire(capture, first, frame), frame: short(frameText(carrierOf(capture, frame))) };
  if (frame.from === "client") return stepsUp(capture, frame, point, wire);

  /** @type {Step[]} */
  const steps = [{ word: wire.count > 1 ? "wrote_in_parts" : "wrote", args: wire, time: wire.first, frame: first }];
  if (wire.last > wire.first) steps.push({ word: "wrote_last", args: wire, time: wire.last, frame });
  if (isBehind) {
    const passed = point?.passed;
    if (!passed) return [...steps, { word: "never_passed" }];
    return [...steps, { word: "passed", time: passed.time - capture.clockOffset, frame: passed.frame }];
  }
  const { sse } = frame;
  const report = point?.report;
  const type = sse?.event.type;
  // Who reads a body with fetch parses it as well.
  if (report?.kind === "read") {
    steps.push({ word: "read", args: { bytes: bytesIn(report.bytes) }, time: report.at });
    steps.push({ word: "parsed_by_code", args: { type } });
  } else {
    if (sse) steps.push({ word: "parsed", args: { type } });
    if (!report) return [...steps, { word: reports.length > 0 ? "unseen" : "nobody" }];
    steps.push({ word: sse ? "dispatched" : "message", args: { type }, time: report.at });
  }
  const logged = logAfter(reports, report);
  if (logged) steps.push({ word: "logged", args: { text: short(logged.values.join(" ")) }, time: logged.at });
  return steps;
}

/** @param {Capture} capture @param {Frame} frame @param {Point|undefined} point @param {ReturnType<typeof onWire>} wire @returns {Step[]} */
function stepsUp(capture, frame, point, wire) {
  /** @type {Step[]} */
  const steps = [];
  const socket = frame.protocol === "websocket";
  if (point?.report) steps.push({ word: socket ? "sent" : "posted", time: point.report.at });
  steps.push({ word: socket ? "framed" : "requested", args: wire, frame });
  steps.push({ word: wire.count > 1 ? "received_in_parts" : "received", args: wire, time: wire.last });
  return steps;
}

/**
 * When the bytes of a block passed the server, by its connection's reads and
 * writes, on the browser's clock.
 * @param {Capture} capture @param {Frame} first @param {Frame} last
 */
function onWire(capture, first, last) {
  const end = Math.max(last.offset + last.length, last.offset + 1);
  const segments = (capture.connections.get(last.connection)?.segments ?? []).filter(
    (segment) => segment.from === last.from && segment.offset < end && segment.offset + segment.length > first.offset,
  );
  const times = segments.map(({ time }) => time - capture.clockOffset);
  const known = last.time - capture.clockOffset;
  return {
    count: segments.length,
    bytes: bytesIn(end - first.offset),
    first: Math.min(known, ...times),
    last: Math.max(known, ...times),
  };
}

/** The chunk, or the frame of HTTP/2, that a line of an event stream ends in; any other frame is its own. @param {Capture} capture @param {Frame} frame */
function carrierOf(capture, frame) {
  if (frame.protocol !== "sse") return frame;
  const carrier = capture.frames.findLast(
    ({ connection, from, kind, offset, length }) =>
      connection === frame.connection && from === frame.from && (kind === "chunk" || kind === "data") &&
      offset <= frame.offset && frame.offset < offset + length,
  );
  return carrier ?? frame;
}

/** What the handler has logged: the next line of that side, before anything else is handed to it. @param {any[]} reports @param {any} report */
function logAfter(reports, report) {
  for (let i = reports.indexOf(report) + 1; i > 0 && i < reports.length; i++) {
    const { side, kind } = reports[i];
    if (side !== report.side) continue;
    if (kind === "log") return reports[i];
    if (["message", "read", "error", "close", "end"].includes(kind)) return undefined;
  }
  return undefined;
}

/**
 * @param {Step[]} steps @param {number} started
 * @param {(frame: Frame) => HTMLElement|undefined} link to a frame; undefined for the one that is looked at
 */
export function story(steps, started, link) {
  const list = element("ol", "story");
  let before = NaN;
  for (const { word: key, args, time, frame } of steps) {
    const item = element("li", time === undefined ? "untimed" : "");
    const when = element("span", "story-when", time === undefined ? "" : `${((time - started) / 1000).toFixed(4)} s`);
    const gap = element("span", "story-gap", Number.isNaN(before) || time === undefined ? "" : gapText(time - before));
    if (time !== undefined) before = time;
    const text = word(`background.story.${key}`, args);
    const what = element("span", "story-what");
    const button = frame && link(frame);
    if (button) {
      button.textContent = text;
      what.append(button);
    } else {
      what.textContent = text;
    }
    item.append(when, " ", gap, " ", what);
    list.append(item);
  }
  return list;
}

/** Two clocks agree to about half a round trip: less than nothing is nothing. @param {number} ms */
function gapText(ms) {
  return ms < 0.05 ? "≈ 0 ms" : `+${ms < 10 ? ms.toFixed(1) : ms.toFixed(0)} ms`;
}

/** @param {string} text */
function short(text) {
  return visible(text.length > LONGEST ? text.slice(0, LONGEST) + "…" : text);
}
