// @ts-check
// What the list of exchanges says of each, and which are in it.

import { hasWord, word } from "../../lib/words.js";

/**
 * @typedef {{key: string, lesson: string, args?: Record<string, any>, at: string}} Notice
 *
 * @typedef {object} Row as package watch has it
 * @property {string} id
 * @property {"http"|"sse"|"ws"|"other"} kind
 * @property {string} method
 * @property {string} target
 * @property {number} [status]
 * @property {string} [type]
 * @property {string} began
 * @property {number} [head] in ms
 * @property {number} [first] in ms
 * @property {string} [ended]
 * @property {string} [end]
 * @property {number} [code]
 * @property {boolean} open
 * @property {number} connections
 * @property {number} [events]
 * @property {number} [comments]
 * @property {number} bytes
 * @property {number} [covered]
 * @property {string} [answered]
 * @property {string} [error]
 * @property {string[]} [faults]
 * @property {string} [protocol]
 * @property {string} [extensions]
 * @property {boolean} [http2] on both hops
 * @property {Notice[]} [notices]
 */

/** Which rows are shown. @typedef {{text: string, kind: "all"|"sse"|"ws"|"trouble", found?: Set<string>}} Search */

/**
 * Whether a row is among those that are searched for: by what it says, or because
 * the text is in its bytes.
 * @param {Row} row @param {Search} search
 */
export function matches(row, { text, kind, found }) {
  if ((kind === "sse" || kind === "ws") && row.kind !== kind) return false;
  if (kind === "trouble" && !row.notices?.length) return false;
  if (!text || found?.has(row.id)) return true;
  const said = `${row.method} ${row.target} ${row.status ?? ""} ${row.type ?? ""} ${aboutRow(row)} ${troubleOf(row)}`;
  return said.toLowerCase().includes(text.toLowerCase());
}

/** What is open, the newest on top, then what has ended. @param {Row} a @param {Row} b */
export function inOrder(a, b) {
  if (a.open !== b.open) return a.open ? -1 : 1;
  return a.began < b.began ? 1 : a.began > b.began ? -1 : a.id < b.id ? -1 : 1;
}

/** How an exchange goes, or went, in a line. @param {Row} row */
export function aboutRow(row) {
  const { kind, status, events = 0, connections } = row;
  if (row.answered) return word("watch.answered", { status });
  const parts = [];
  if (kind === "other") parts.push(word("watch.other"));
  else if (!status) parts.push(row.open ? word("watch.row.waiting") : "");
  else if (kind === "http") parts.push(String(status), row.type ?? "", row.head ? milliseconds(row.head) : "");
  if (connections > 1) parts.push(word("watch.row.connections", { count: connections }));
  if (kind === "sse") {
    parts.push(word("watch.row.events", { count: events }));
    if (row.open && events > 0 && row.first) parts.push(word("watch.row.first", { ms: Math.round(row.first) }));
  } else if (kind === "ws") {
    parts.push(word("watch.row.frames", { count: events }), row.protocol ?? "", (row.extensions ?? "").split(";")[0]);
  }
  if (!row.open) parts.push(endOf(row));
  if (row.covered) parts.push(word("watch.row.covered", { count: row.covered }));
  return parts.filter(Boolean).join(" · ");
}

/** @param {Row} row */
function endOf({ end = "", code, kind }) {
  if (kind === "ws" && code) return word("watch.end.close", { code });
  return hasWord(`watch.end.${end}`) ? word(`watch.end.${end}`) : "";
}

/** What is wrong with an exchange, in a few words. @param {Row} row */
export function troubleOf({ notices = [] }) {
  return notices.map((notice) => word(noticeKey("short", notice), notice.args)).join(", ");
}

/** The key of a notice's words. @param {"short"|"notice"} form @param {Notice} notice */
export function noticeKey(form, { key, args }) {
  const none = key === "type" && !args?.type;
  return `watch.${form}.${key}${none ? ".none" : ""}`;
}

/** @param {number} ms */
export function milliseconds(ms) {
  return ms < 10 ? `${ms.toFixed(1)} ms` : ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** A length of time as a clock shows it. @param {number} ms */
export function clock(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const parts = [Math.floor(seconds / 60) % 60, seconds % 60].map((part) => String(part).padStart(2, "0"));
  const hours = Math.floor(seconds / 3600);
  return hours > 0 ? `${hours}:${parts.join(":")}` : parts.join(":").replace(/^0/, "");
}

/** @param {number} bytes */
export function sizeOf(bytes) {
  if (bytes >= 1 << 20) return `${(bytes / (1 << 20)).toFixed(bytes >= 10 << 20 ? 0 : 1)} MiB`;
  return `${Math.ceil(bytes / (1 << 10))} KiB`;
}
