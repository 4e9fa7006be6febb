// @ts-check
// A class of thirty in the lesson about reconnecting, as the server tells of it.

const now = 1_800_000_000_000;

/** @param {number} n @param {(i: number) => object} make */
const many = (n, make) => Array.from({ length: n }, (_, i) => make(i));

const sse = [
  ...many(14, (i) => ({ browser: "chrome", back: 3010 + i * 9 })),
  ...many(4, (i) => ({ browser: "edge", back: 3020 + i * 11 })),
  ...many(2, (i) => ({ browser: "wechat", back: 3030 + i * 300 })),
  ...many(3, (i) => ({ browser: "safari", back: 3025 + i * 14 })),
  ...many(2, (i) => ({ browser: "ios", back: 3040 + i * 90 })),
  ...many(5, (i) => ({ browser: "firefox", back: 5010 + i * 12 })),
];

const ws = [
  ...many(8, (i) => ({ browser: "chrome", own: true, back: 60 + i * 115 })),
  ...many(12, () => ({ browser: "chrome", state: "closed" })),
  { browser: "safari", own: true, back: 410 },
  ...many(4, () => ({ browser: "safari", state: "closed" })),
  ...many(2, (i) => ({ browser: "firefox", own: true, back: 250 + i * 580 })),
  ...many(3, () => ({ browser: "firefox", state: "closed" })),
];

const names = ["fox", "owl", "水獭", "阿木", "小林", "heron", "lynx", "雨燕", "badger", "seal"];

/** What the board is told. @type {any} */
export const board = {
  now, code: "TUKRAL", role: "board", since: now - 41 * 60_000,
  here: 29, own: 3, of: 30, lost: [now - 130_000],
  who: many(30, (i) => ({ number: i + 1, name: names[i] ?? "", browser: ["chrome", "firefox", "safari"][i % 3], here: i !== 3, own: i > 26, lost: i === 3 ? now - 130_000 : undefined, lesson: "reconnect", heading: "exercise" })),
  at: { lesson: "reconnect", heading: "exercise" },
  where: { run: 2, why: 1, exercise: 26 },
  question: { lesson: "reconnect", rounds: [{ shown: true, voted: 29, of: 29, counts: [11, 12, 6] }, { shown: true, voted: 29, of: 29, counts: [2, 26, 1] }], moved: { to: 14, away: 0, both: 28 } },
  runs: { ran: 29, sse: [{ key: "reconnect.resumed-id-5", n: 26 }, { key: "reconnect.twice", n: 2 }, { key: "reconnect.status-status-500", n: 1 }], ws: [{ key: "reconnect.nobody-code-1006", n: 27 }, { key: "reconnect.from-from-5", n: 2 }] },
  exercise: { begun: 23, tried: 14, solved: 9, fails: [{ key: "exercise.reconnect.twice-hint-2", n: 8 }, { key: "exercise.reconnect.missing-hint-3", n: 4 }, { key: "exercise.reconnect.cuts-hint-1", n: 2 }] },
  measured: [{ what: "retry", side: "sse", browser: "chrome", values: [3002, 3010, 3013, 3014, 3018, 3030] }, { what: "retry", side: "sse", browser: "firefox", values: [5004, 5010, 5012] }],
  waves: [{ id: 3, how: "reset", at: now - 60_000, here: 30, lines: 30, reached: 38, sse, ws }, { id: 2, how: "end", at: now - 300_000, here: 30, lines: 27, reached: 22, sse: sse.slice(0, 27), ws: ws.slice(0, 27) }],
  run: { lesson: "reconnect", controls: { cut: "0", retry: "0" }, at: now - 70_000 },
  answers: ["reconnect"], hints: {}, wall: { shows: "wave", blank: false },
};

/** The same before anybody is there. @type {any} */
export const empty = { now, code: "TUKRAL", role: "board", since: now, here: 0, own: 0, of: 0, lost: [], who: [], wall: { shows: "code", blank: false } };

/** A vote that is open. @param {number} voted @returns {any} */
export function voting(voted) {
  return {
    ...board, lost: voted > 5 ? [now - 20_000] : [], here: voted > 5 ? 29 : 30, at: { lesson: "reconnect", heading: "after-the-cut" }, where: { "after-the-cut": 30 }, runs: {}, exercise: {}, waves: [], measured: [], run: undefined, answers: [],
    question: { lesson: "reconnect", rounds: [{ open: true, voted, of: voted > 5 ? 29 : 30 }] }, wall: { shows: "question", blank: false },
  };
}

/** A cut 4.2 s ago: Firefox waits still. @type {any} */
export const cutting = {
  ...board, wall: { shows: "wave", blank: false },
  waves: [{ id: 4, how: "reset", at: now - 4200, here: 30, lines: 30, reached: 31, sse: sse.map((mark) => ("back" in mark && Number(mark.back) > 4200 ? { browser: "firefox", state: "waiting" } : mark)), ws }],
};

/** What a member is told. @type {any} */
export const member = {
  now, code: "TUKRAL", role: "member", me: { number: 7, name: "fox", follow: true }, here: 29, own: 2, of: 30,
  at: { lesson: "reconnect", heading: "run" }, votes: {}, answers: [], hints: {},
};
