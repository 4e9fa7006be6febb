// @ts-check
// A learner's run as the class may see it: the page that ran it packs what only it
// knows, and the board and the wall draw that beside what the server has recorded.

import { hasWord } from "../../lib/words.js";

/**
 * @typedef {import("../../lib/finding.js").Finding} Finding
 * @typedef {{started: number, reports: any[], findings: Finding[]}} Told on one browser's clock, or on the server's
 */

/** The last so many reports and findings are told. */
const REPORTS = 150;
const FINDINGS = 20;

/** What the timeline draws of a program's reports. */
const KINDS = ["open", "message", "send", "error", "close", "log"];

/** How long a report may be, as JSON. */
const LONGEST = 300;

/** How many bytes the reports may be, as JSON, and code on one side: the server takes 96 kB in all. */
const REPORTED = 40_000;
const CODE = 20_000;

/** A run that was missed while the line was lost is caught up with for so long, in ms. */
const MISSED = 60_000;

/**
 * Whether the class runs something that this page has not been told to run.
 * @param {{now: number, run?: {at: number}}} state
 * @param {string | null} seen when the last run was that it knows of; null: it has not been in the class
 */
export function missed({ now, run }, seen) {
  return Boolean(run && seen !== null && run.at > Number(seen) && now - run.at < MISSED);
}

/**
 * Packs a run on the server's clock, which is `ahead` of the browser's by so many ms.
 * @param {{reports: any[], started: number, findings: Finding[]}} run
 * @param {number} ahead
 * @returns {Told}
 */
export function pack({ reports, started, findings }, ahead) {
  const told = reports.filter((report) => KINDS.includes(report.kind) && JSON.stringify(report).length <= LONGEST).slice(-REPORTS);
  while (bytesOf(told) > REPORTED) told.splice(0, Math.ceil(told.length / 10));
  return moved({
    started,
    reports: told,
    findings: findings.slice(-FINDINGS),
  }, ahead);
}

/** Code as it is told: what is longer than a screen by far is not all of it. @param {Record<string, string>} code */
export function packCode(code) {
  return Object.fromEntries(Object.entries(code).map(([side, text]) => [side, bytesOf(text) > CODE ? `${text.slice(0, CODE / 6)}\n…` : text]));
}

/** @param {unknown} told */
function bytesOf(told) {
  return new TextEncoder().encode(JSON.stringify(told)).length;
}

/**
 * Unpacks what a learner's page has told, which may be anything.
 * @param {any} told
 * @param {number} ahead
 * @returns {Told}
 */
export function unpack(told, ahead) {
  const list = (/** @type {unknown} */ all) => (Array.isArray(all) ? all : []).filter((one) => ["sse", "ws"].includes(one?.side));
  return moved({
    started: Number(told?.started) || 0,
    reports: list(told?.reports).filter(({ kind, at, values }) => KINDS.includes(kind) && Number.isFinite(at) && (kind !== "log" || Array.isArray(values))),
    findings: list(told?.findings).filter(({ word, from, args }) => /^finding\./.test(word) && hasWord(word) && Number.isFinite(from) && args instanceof Object),
  }, -ahead);
}

/** @param {Told} told @param {number} by @returns {Told} */
function moved({ started, reports, findings }, by) {
  return {
    started: started && started + by,
    reports: reports.map((report) => ({ ...report, at: report.at + by })),
    findings: findings.map((finding) => ({ ...finding, from: finding.from + by, ...(finding.to === undefined ? {} : { to: finding.to + by }) })),
  };
}
