// @ts-check
// A page is to send three frames that each stand at a border of the length in a
// frame's header (RFC 6455 §5.2, §5.5).

import { onlyBy, placeOf } from "../../../../static/js/lib/evidence.js";
import { exchanges, isSocket } from "../../../../static/js/lib/exchanges.js";
import { bitsOf } from "../findings.js";
import { valueOf } from "../../../../static/js/lib/capture.js";
import { verdict } from "../../../../static/js/lib/verdict.js";

/**
 * @typedef {import("../../../../static/js/lib/capture.js").Frame} Frame
 * @typedef {import("../../../../static/js/lib/verdict.js").Check} Check
 */

/** The smallest payload whose length takes 16 bits, and 64, and the largest of a control frame; in bytes. */
const needs16 = 126;
const needs64 = 65536;
const control = 125;

/**
 * @param {import("../../../../static/js/lib/verdict.js").Evidence} evidence
 * @returns {import("../../../../static/js/lib/verdict.js").Verdict}
 */
export function check({ capture, reports }) {
  const all = exchanges(capture);
  const socket = all.findLast(isSocket);
  const sent = socket?.sent ?? [];
  const got = socket?.got ?? [];
  const texts = sent.filter(({ kind }) => kind === "text");
  const binaries = sent.filter(({ kind }) => kind === "binary");
  const closing = reports.findIndex(({ kind }) => kind === "closing");
  // A browser closes with 1001 by itself what a program leaves open.
  const close = closing < 0 ? undefined : sent.find(({ kind }) => kind === "close");

  const text = texts.find((frame) => bitsOf(frame) === 16 && lengthOf(frame) === needs16 && isPure(frame));
  const binary = binaries.find((frame) => bitsOf(frame) === 64 && lengthOf(frame) === needs64);
  const code = Number(close && valueOf(close, "websocket.payload.close.status_code"));
  const closed = close !== undefined && lengthOf(close) === control && code >= 4000 && code <= 4999;

  // That both came back is a task of its own, whatever their lengths were. They
  // have to have come to the program: on the wire the server may be far ahead.
  const both = [text ?? texts.at(-1), binary ?? binaries.at(-1)].filter((frame) => frame !== undefined);
  const heard = reports.slice(0, closing < 0 ? reports.length : closing).filter(({ side, kind }) => side === "ws" && kind === "message");
  const back = both.filter((frame) => isEchoed(frame, got) && heard.some(({ data }) => isHeard(frame, data)));

  /** @type {(Check | undefined)[]} */
  const checks = [
    text
      ? { ok: true, word: "exercise.echo.sixteen", args: { length: needs16 } }
      : { ok: false, word: "exercise.echo.not_sixteen", args: { seen: listed(texts) }, place: placeOf(texts.at(-1)) },
    binary
      ? { ok: true, word: "exercise.echo.sixty_four", args: { length: needs64 } }
      : { ok: false, word: "exercise.echo.not_sixty_four", args: { seen: listed(binaries) }, place: placeOf(binaries.at(-1)) },
    closed
      ? { ok: true, word: "exercise.echo.closed", args: { code, length: control } }
      : close
        ? { ok: false, word: "exercise.echo.closed_otherwise", args: { code: code || 1005, length: lengthOf(close) }, place: placeOf(close) }
        : { ok: false, word: "exercise.echo.open", args: {} },
    { ok: back.length === 2, word: "exercise.echo.echoed", args: { echoed: back.length }, place: placeOf(close) },
    texts.length > 1 || binaries.length > 1
      ? { ok: false, final: true, word: "exercise.echo.more", args: { texts: listed(texts), binaries: listed(binaries) }, place: placeOf(texts[1] ?? binaries[1]) }
      : undefined,
    onlyBy(all, "ws"),
  ];

  // The hints go: bytes are counted, not characters; what 16 bits hold; what a
  // control frame holds.
  const threw = reports.some(({ kind }) => kind === "throw");
  const hint = !text && !threw ? 1 : !binary ? 2 : 3;
  return verdict(checks, hint);
}

/** How long the payload is, as the header says. @param {Frame} frame */
function lengthOf(frame) {
  const names = ["websocket.payload_length_ext_64", "websocket.payload_length_ext_16", "websocket.payload_length"];
  return Number(names.map((name) => valueOf(frame, name)).find((value) => value !== undefined));
}

/** Whether a text has nothing in it but the character of this lesson. @param {Frame} frame */
function isPure(frame) {
  return /^帧+$/.test(valueOf(frame, "websocket.payload") ?? "");
}

/** @param {Frame} frame @param {Frame[]} got */
function isEchoed(frame, got) {
  const payload = valueOf(frame, "websocket.payload");
  return got.some((other) => other.kind === frame.kind && valueOf(other, "websocket.payload") === payload);
}

/** Whether a message that the program got is a frame's: by its text, or by its length. @param {Frame} frame @param {any} data */
function isHeard(frame, data) {
  if (frame.kind !== "text") return data?.bytes === lengthOf(frame);
  const text = valueOf(frame, "websocket.payload") ?? "";
  return data === text || (text.endsWith("…") && String(data).startsWith(text.slice(0, -1))); // a long one is shown in part
}

/** The lengths of frames, "–" where there are none. @param {Frame[]} frames */
function listed(frames) {
  return frames.map((frame) => `${lengthOf(frame)} B`).join(", ") || "–";
}
