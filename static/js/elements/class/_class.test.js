// @ts-check
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { setWords } from "../../lib/words.js";
import { board, cutting, empty, member, voting } from "./_fixtures.js";
import { faceOf } from "./faces.js";
import { keyOf, partsOf, sayKey } from "./keys.js";
import { answerOf, nextOf } from "./next.js";
import { lineAfter, measuredIn, outcomeIn } from "./reporter.js";
import { missed, pack, packCode, unpack } from "./run.js";
import { axisOf, rowsOf, stacked } from "./wave.js";

const words = {
  en: JSON.parse(readFileSync(new URL("../../../../content/ui/en.json", import.meta.url), "utf8")),
  zh: JSON.parse(readFileSync(new URL("../../../../content/ui/zh.json", import.meta.url), "utf8")),
  reconnect: JSON.parse(readFileSync(new URL("../../../../content/lessons/reconnect/words.en.json", import.meta.url), "utf8")),
};
setWords({ ...words.en, ...words.reconnect });

/** @type {any} */
const lesson = {
  slug: "reconnect", number: 3, experiment: "reconnect",
  steps: ["after-the-cut", "run", "look", "why", "break", "exercise", "terminal"].map((id) => ({ id, text: id, short: id })),
  predictions: [{ id: "after-the-cut", text: "?", options: ["a", "b", "c"], answer: 2 }],
};

test("a key carries the arguments that are the same for all", () => {
  assert.equal(keyOf("reconnect.nobody", { code: 1006 }), "reconnect.nobody-code-1006");
  assert.equal(keyOf("reconnect.twice", { numbers: "1, 2" }), "reconnect.twice");
  assert.equal(keyOf("reconnect.wrong_type", { type: "text/html" }), "reconnect.wrong_type");
  assert.deepEqual(partsOf("reconnect.nobody-code-1006"), { name: "reconnect.nobody", args: { code: "1006" } });
  assert.equal(sayKey("reconnect.nobody-code-1006", "finding."), "closed, 1006. Nothing reconnects");
  assert.equal(sayKey("exercise.reconnect.twice-hint-2"), "Reported more than once");
});

test("a key that nobody has words for says nothing", () => {
  for (const key of ["nothing", "<b>", "class.bar.lost<", "x".repeat(65), ""]) assert.equal(sayKey(key, "finding."), "");
});

test("a run's outcome is what decides, else what went wrong", () => {
  const at = { from: 0 };
  /** @type {any[]} */
  const findings = [
    { ...at, side: "sse", kind: "cut", word: "finding.reconnect.reset", args: { last: 5 } },
    { ...at, side: "sse", kind: "gap", word: "finding.reconnect.gap", args: { ms: 1009 } },
    { ...at, side: "sse", kind: "good", word: "finding.reconnect.resumed", args: { id: "5" }, decides: true },
    { ...at, side: "sse", kind: "good", word: "finding.reconnect.goodbye", args: {} },
    { ...at, side: "ws", kind: "cut", word: "finding.reconnect.reset", args: { last: 5 } },
    { ...at, side: "ws", kind: "gap", word: "finding.reconnect.nobody", args: { code: 1006 } },
  ];
  assert.equal(outcomeIn(findings, "sse"), "reconnect.resumed-id-5");
  assert.equal(outcomeIn(findings, "sse", true), "reconnect.resumed");
  assert.equal(outcomeIn(findings, "ws"), "reconnect.nobody-code-1006");
  assert.equal(outcomeIn([], "ws"), "");
  assert.deepEqual(measuredIn(findings), [{ what: "retry", side: "sse", value: 1009 }]);
});

test("a connection waits until its program has ended", () => {
  assert.equal(lineAfter("closed", { kind: "open" }), "open");
  assert.equal(lineAfter("open", { kind: "message" }), "open");
  assert.equal(lineAfter("open", { kind: "close" }), "waiting");
  assert.equal(lineAfter("waiting", { kind: "end" }), "closed");
});

/** @param {object} [here] @returns {any} */
const at = (here) => ({ status: "live", since: 0, now: member.now, lesson: "reconnect", heading: "run", topics: [], over: false, ran: true, ...here });

test("the bar has a face for each state", () => {
  const ask = { lesson: "reconnect", round: 1, open: true, voted: 23, of: 30 };
  const cut = { id: 3, how: "reset", at: member.now - 1800, sse: { cut: true, back: 3014 }, ws: { cut: true } };
  /** @type {[string, any, object, string, string][]} */
  const cases = [
    ["nothing is asked", member, {}, "paper", "class.bar.with"],
    ["a vote", { ...member, ask }, { topics: ["ask"] }, "ink", "class.bar.asked"],
    ["asked again", { ...member, ask: { ...ask, round: 2 } }, { topics: ["ask"] }, "ink", "class.bar.asked_again"],
    ["voted", { ...member, ask: { ...ask, mine: 2 } }, { topics: ["ask"] }, "ink", "class.bar.voted"],
    ["shown", { ...member, ask: { ...ask, open: false, counts: [11, 12, 6] } }, { topics: ["ask"] }, "ink", "class.bar.shown"],
    ["brought while typing", { ...member, at: { lesson: "reconnect", heading: "exercise" } }, { topics: ["brought"] }, "ink", "class.bar.typing"],
    ["cut", { ...member, wave: cut }, { topics: ["wave"] }, "ink", "class.bar.cut"],
    ["nothing to cut", { ...member, wave: { ...cut, sse: {}, ws: {} } }, { topics: ["wave"] }, "ink", "class.bar.nothing_cut"],
    ["the cut is long ago", { ...member, wave: { ...cut, at: member.now - 60_000 } }, { topics: ["wave"] }, "paper", "class.bar.with"],
    ["a message", { ...member, message: { id: 1, text: "Look.", at: member.now } }, { topics: ["message"] }, "ink", "class.bar.message"],
    ["may I show it", { ...member, asked: true }, {}, "ink", "class.bar.may"],
    ["may I show what there is not", { ...member, asked: true }, { ran: false }, "ink", "class.bar.may"],
    ["another's run", { ...member, exhibit: { number: 2, capture: "abcdefgh" } }, { topics: ["exhibit"] }, "ink", "class.bar.exhibit"],
    ["on one's own", { ...member, me: { ...member.me, follow: false } }, { heading: "why" }, "paper", "class.bar.own"],
    ["not begun", { ...member, at: undefined }, {}, "paper", "class.bar.wait"],
    ["the connection is lost", member, { status: "lost" }, "trouble", "class.bar.lost"],
    ["the server is cut off", { ...member, cutOff: true }, {}, "paper", "class.bar.with"],
    ["the server has forgotten", member, { status: "unknown" }, "trouble", "class.bar.unknown"],
    ["removed", member, { status: "refused" }, "trouble", "class.bar.removed"],
    ["over", member, { over: true }, "paper", "class.bar.over"],
    ["connecting", undefined, { status: "connecting" }, "paper", "class.bar.connecting"],
  ];
  for (const [name, state, here, ground, word] of cases) {
    const face = faceOf(state, at(here));
    assert.equal(face.ground, ground, name);
    assert.equal(face.main.word, word, name);
    const said = [face.main, face.note, ...(face.sides ?? []).map(({ say }) => say), ...face.actions].filter((saying) => saying !== undefined);
    for (const { word: key } of said) for (const language of ["en", "zh"]) assert.ok(key in words[/** @type {"en"} */ (language)], `${name}: ${key} has no words in ${language}`);
  }
});

test("a message stays text", () => {
  const face = faceOf({ ...member, message: { id: 1, text: "<img src=x>", at: member.now } }, at({ topics: ["message"] }));
  assert.equal(face.main.text, "<img src=x>");
});

test("what comes next", () => {
  const slug = "reconnect";
  const places = { lesson: slug, heading: "after-the-cut" };
  const run = { lesson: slug, controls: {}, at: 1 };
  const shown = [{ shown: true, voted: 29, of: 29, counts: [1, 2, 3] }];
  /** @type {[any, string, string?][]} */
  const cases = [
    [empty, "code"],
    [{ ...empty, here: 3, of: 3 }, "bring"],
    [{ of: 30, at: places }, "ask"],
    [voting(3), "show", "class.why.few"],
    [voting(29), "show"],
    [{ of: 30, at: places, question: { rounds: shown } }, "run"],
    [{ of: 30, at: places, question: { rounds: shown }, run }, "bring"],
    [{ of: 30, at: { lesson: slug, heading: "look" }, question: { rounds: shown }, run }, "ask"],
    [{ of: 30, at: { lesson: slug, heading: "look" }, question: { rounds: [...shown, ...shown] }, run }, "answer"],
    [board, "hint"],
    [{ ...board, hints: { reconnect: 2 } }, "close"],
  ];
  for (const [i, [state, name, tied]] of cases.entries()) {
    const next = nextOf(state, lesson, {});
    assert.equal(next.name, name, `case ${i}`);
    assert.equal(next.tied, tied, `case ${i}`);
    for (const key of [next.word, next.why]) assert.ok(key in words.en && key in words.zh, key);
  }
});

test("the wave has a row for each engine, and nobody twice", () => {
  for (const side of /** @type {const} */ (["sse", "ws"])) {
    const [wave] = board.waves;
    const rows = rowsOf(wave[side]);
    const marks = rows.reduce((sum, { back, waiting, never }) => sum + back.length + waiting.length + never.length, 0);
    assert.equal(marks, wave[side].length, side);
  }
  const rows = rowsOf(board.waves[0].sse);
  assert.deepEqual(rows.map(({ label }) => label), ["Chrome 14, Edge 4, WeChat 2", "Safari 3, iOS 2", "Firefox"]);
  assert.equal(axisOf(board.waves[0], 60_000), 6);
  assert.equal(rowsOf(cutting.waves[0].sse)[2].waiting.length, 5);
});

test("no two marks lie on each other", () => {
  const times = Array.from({ length: 300 }, (_, i) => 3000 + (i % 7));
  const places = stacked(times, 50, 12);
  assert.equal(new Set(places.map(({ column, level }) => `${column} ${level}`)).size, 300);
  assert.ok(Math.max(...places.map(({ level }) => level)) < 12);
});

test("a run is told on the server's clock, and drawn on that of another browser", () => {
  const report = { kind: "message", side: "sse", at: 1500, data: "1" };
  const finding = /** @type {any} */ ({ side: "sse", kind: "gap", from: 1600, to: 1700, word: "finding.reconnect.gap", args: { ms: 100 } });
  const told = pack({ started: 1000, reports: [report, { kind: "read", side: "sse", at: 1 }, { ...report, data: "x".repeat(400) }], findings: [finding] }, 50);
  assert.equal(told.started, 1050);
  assert.equal(told.reports.length, 1);
  const drawn = unpack(JSON.parse(JSON.stringify(told)), 20);
  assert.deepEqual([drawn.started, drawn.reports[0].at, drawn.findings[0].from, drawn.findings[0].to], [1030, 1530, 1630, 1730]);
});

test("a run that says much, in any script, is told in as much as the server takes", () => {
  const reports = Array.from({ length: 150 }, (_, i) => ({ kind: "message", side: "sse", at: i, data: "数".repeat(240) }));
  const code = packCode({ sse: "数\n".repeat(20_000), ws: "short" });
  assert.equal(code.ws, "short");
  assert.ok(code.sse.endsWith("\n…"));
  const told = JSON.stringify({ exhibit: { yes: true, code, run: pack({ started: 1, reports, findings: [] }, 0) } });
  assert.ok(Buffer.byteLength(told) < 96 * 1024, `${Buffer.byteLength(told)} bytes`);
  assert.equal(JSON.parse(told).exhibit.run.reports.at(-1).at, 149);
});

test("what has not been run can't be shown", () => {
  const names = (/** @type {boolean} */ ran) => faceOf({ ...member, asked: true }, at({ ran })).actions.map(({ name }) => name);
  assert.deepEqual([names(true), names(false)], [["show", "hide"], ["hide"]]);
});

test("what a malicious page tells of a run is not drawn", () => {
  for (const told of [undefined, 7, "x", { reports: 7, findings: {} }, { reports: [null, { kind: "log", side: "sse", at: 1 }, { kind: "open", side: "other", at: 1 }, { kind: "open", side: "ws", at: "1" }], findings: [{ side: "ws", from: 1, word: "class.bar.lost", args: {} }, { side: "ws", from: 1, word: "finding.nothing", args: {} }] }]) {
    assert.deepEqual(unpack(told, 0), { started: 0, reports: [], findings: [] });
  }
});

test("the answer is the exercise's once the class is there", () => {
  assert.deepEqual(answerOf({ at: { lesson: "reconnect", heading: "run" } }, "reconnect"), { lesson: "reconnect" });
  assert.deepEqual(answerOf({ at: { lesson: "reconnect", heading: "exercise" } }, "reconnect"), { lesson: "reconnect", exercise: true });
  assert.deepEqual(answerOf({ at: { lesson: "six", heading: "exercise" } }, "reconnect"), { lesson: "reconnect" });
});

test("a run that was missed while the line was lost is caught up with, once and not for ever", () => {
  const state = { now: 100_000, run: { at: 90_000 } };
  assert.equal(missed(state, "80000"), true);
  assert.equal(missed(state, "90000"), false);
  assert.equal(missed(state, null), false);
  assert.equal(missed({ ...state, now: 160_000 }, "80000"), false);
  assert.equal(missed({ now: 100_000 }, "0"), false);
});
