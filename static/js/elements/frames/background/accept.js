// @ts-check
// How a server answers a WebSocket's key, step by step (RFC 6455 §4.2.2).

import { sha1 } from "./sha1.js";
import { hex } from "../bits.js";
import { valueOf } from "../../../lib/capture.js";
import { element } from "../../../lib/dom.js";
import { word } from "../../../lib/words.js";

/**
 * @typedef {import('../../../lib/capture.js').Capture} Capture
 * @typedef {import('../../../lib/capture.js').Frame} Frame
 */

/** What any server that speaks WebSocket knows, and no other. */
export const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/**
 * The steps from a key to the value that answers it.
 * @param {string} key
 */
export function answerTo(key) {
  const text = key + GUID;
  const digest = sha1(new TextEncoder().encode(text));
  return { text, digest, accept: btoa(String.fromCharCode(...digest)) };
}

/**
 * The key and the answer of the handshake that a head belongs to; undefined for
 * any other frame.
 * @param {Capture} capture @param {Frame} frame
 * @returns {{key: string, accept: string}|undefined} accept is empty where none has come
 */
export function handshakeOf(capture, frame) {
  if (frame.protocol !== "http1" || (frame.kind !== "request" && frame.kind !== "response")) return undefined;
  const head = (/** @type {string} */ kind, /** @type {string} */ name) => {
    const other = capture.frames.findLast(
      (other) => other.connection === frame.connection && other.kind === kind && valueOf(other, name) !== undefined,
    );
    return other && valueOf(other, name);
  };
  const name = frame.kind === "request" ? "http.sec_websocket_key" : "http.sec_websocket_accept";
  if (valueOf(frame, name) === undefined) return undefined;
  const key = head("request", "http.sec_websocket_key");
  return key === undefined ? undefined : { key, accept: head("response", "http.sec_websocket_accept") ?? "" };
}

/** @param {{key: string, accept: string}} handshake */
export function acceptSteps({ key, accept }) {
  const answer = answerTo(key);
  const box = element("section", "background-accept");
  box.append(element("h4", "", word("background.accept")));
  const list = element("ol", "background-steps");
  const step = (/** @type {string} */ what, /** @type {string} */ value) => {
    const item = element("li", "", word(`background.accept.${what}`));
    item.append(" ", element("code", "", value));
    list.append(item);
  };
  step("key", key);
  step("guid", answer.text);
  step("sha1", Array.from(answer.digest, hex).join(" "));
  step("base64", answer.accept);
  box.append(list, verdict(accept, answer.accept));
  return box;
}

/** @param {string} sent @param {string} expected */
function verdict(sent, expected) {
  if (sent === "") return element("p", "", word("background.accept.none"));
  if (sent === expected) return element("p", "background-good", word("background.accept.equal"));
  return element("p", "background-trouble", word("background.accept.different", { sent }));
}
