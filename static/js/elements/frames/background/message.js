// @ts-check
// What the fragments of a WebSocket message add up to (RFC 6455 §5.4), and what
// compression made of it (RFC 7692).

import { frameText, payloadLength, visible } from "../summary.js";
import { unmask } from "../bits.js";
import { valueOf } from "../../../lib/capture.js";
import { element } from "../../../lib/dom.js";
import { bytesIn, word } from "../../../lib/words.js";

/**
 * @typedef {import('../../../lib/capture.js').Capture} Capture
 * @typedef {import('../../../lib/capture.js').Frame} Frame
 */

/** As much of a message as is shown, in characters; and so many of its fragments. */
const LONGEST = 600;
const MOST = 100;

/** Kinds of frames that may stand between two fragments. */
const CONTROL = ["ping", "pong", "close"];

/**
 * The frames of the message that a frame is part of, from the first fragment to
 * the last that is there, with the control frames between them.
 * @param {Capture} capture @param {Frame} frame
 */
export function framesOfMessage(capture, frame) {
  const { connection, from } = frame;
  const first = frame.message?.first ?? frame.offset;
  const frames = [];
  for (let i = capture.frames.findIndex((other) => other.connection === connection && other.from === from && other.offset === first); i >= 0 && i < capture.frames.length; i++) {
    const other = capture.frames[i];
    if (other.connection !== connection || other.from !== from || other.protocol !== "websocket") continue;
    if (other.offset !== first && !CONTROL.includes(other.kind) && other.message?.first !== first) break;
    frames.push(other);
    if (!CONTROL.includes(other.kind) && valueOf(other, "websocket.fin") === "1") break;
  }
  return frames;
}

/**
 * The text of a message as far as it is there, undefined for a binary one. Its
 * characters may be cut by the fragments.
 * @param {Capture} capture @param {Frame[]} fragments without control frames
 */
export function textOfMessage(capture, fragments) {
  const last = fragments.at(-1);
  const payload = last?.fields.find((field) => field.name === "websocket.payload");
  if (fragments[0]?.kind !== "text") return undefined;
  if (last?.message?.compressed) return last.message.inflated === undefined ? undefined : payload?.value;
  const decoder = new TextDecoder();
  return fragments.map((fragment) => decoder.decode(plainOf(capture, fragment), { stream: true })).join("");
}

/** The bytes of a payload without its mask. @param {Capture} capture @param {Frame} frame */
export function plainOf(capture, frame) {
  const payload = frame.fields.find((field) => field.name === "websocket.payload");
  if (!payload) return new Uint8Array();
  const bytes = capture.bytesOf(frame.connection, frame.from, frame.offset + payload.offset, payload.length);
  const key = keyOf(capture, frame);
  return key ? unmask(bytes, key, 0) : bytes;
}

/** The masking key of a frame. @param {Capture} capture @param {Frame} frame */
export function keyOf(capture, frame) {
  const key = frame.fields.find((field) => field.name === "websocket.masking_key");
  if (key?.length !== 4) return undefined;
  return capture.bytesOf(frame.connection, frame.from, frame.offset + key.offset, 4);
}

/**
 * What a fragment or a compressed frame is part of.
 * @param {Capture} capture @param {Frame} frame
 * @param {(frame: Frame) => HTMLElement} link to another frame
 */
export function messageNotes(capture, frame, link) {
  const { message } = frame;
  const frames = framesOfMessage(capture, frame);
  const fragments = frames.filter((other) => !CONTROL.includes(other.kind));
  const last = fragments.at(-1) ?? frame;
  const whole = valueOf(last, "websocket.fin") === "1";
  const box = element("section", "background-message");
  if (fragments.length > 1 || valueOf(frame, "websocket.fin") === "0") {
    box.append(element("h4", "", word("background.message")));
    const list = element("ol", "background-steps more-fragments");
    for (const other of frames.slice(0, MOST)) {
      const item = element("li", "");
      const text = CONTROL.includes(other.kind) ? word("background.message.between", { frame: frameText(other) }) : frameText(other);
      if (other === frame) {
        item.append(element("b", "", text));
        item.setAttribute("aria-current", "true");
      } else {
        const button = link(other);
        button.textContent = text;
        item.append(button);
      }
      list.append(item);
    }
    box.append(list);
    if (frames.length > MOST) box.append(element("p", "", word("background.message.more", { count: frames.length - MOST })));
    const length = fragments.reduce((sum, fragment) => sum + payloadLength(fragment), 0);
    const sum = { count: fragments.length, bytes: bytesIn(length) };
    box.append(element("p", "", word(whole ? "background.message.whole" : "background.message.so_far", sum)));
    const text = textOfMessage(capture, fragments);
    if (text) box.append(element("p", "background-text", visible(text.length > LONGEST ? text.slice(0, LONGEST) + "…" : text)));
  }
  if (message?.compressed) box.append(...compressionNotes(last.message ?? message, whole));
  return box;
}

/** @param {NonNullable<Frame['message']>} message as its last frame has it @param {boolean} whole */
function compressionNotes({ length, inflated, takeover }, whole) {
  const size = inflated === undefined
    ? word(whole ? "background.deflate.broken" : "background.deflate.open", { bytes: bytesIn(length) })
    : word("background.deflate.size", { from: bytesIn(length), to: bytesIn(inflated), share: share(length, inflated) });
  return [
    element("h4", "", word("background.deflate")),
    element("p", "", size),
    element("p", "", word(takeover ? "background.deflate.takeover" : "background.deflate.no_takeover")),
  ];
}

/** @param {number} part @param {number} whole */
function share(part, whole) {
  return whole > 0 ? `${Math.round((100 * part) / whole)}%` : "–";
}
