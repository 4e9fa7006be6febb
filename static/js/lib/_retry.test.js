// @ts-check
import assert from "node:assert/strict";
import test, { afterEach, beforeEach, mock } from "node:test";
import { running } from "./retry.js";

/** The notices of the page, by their names. @type {Record<string, any>} */
let notices;
let page = new EventTarget();
/** The page that the server answers with. */
let answered = "";
let reloads = 0;
/** What the browser keeps of this tab. @type {Map<string, string>} */
let kept;
/** Whether something runs, and what says so when it has ended. */
let runs = false;
let changed = () => {};

beforeEach(() => {
  const notice = (/** @type {string} */ part) => {
    const button = new EventTarget();
    return { dataset: { part }, hidden: true, button, querySelector: () => button };
  };
  notices = { "load-failed": notice("load-failed"), outdated: notice("outdated") };
  page = new EventTarget();
  answered = '<script type="module" src="/static/one/js/main.js">';
  reloads = 0;
  kept = new Map();
  runs = false;
  Object.assign(globalThis, {
    addEventListener: page.addEventListener.bind(page),
    location: { href: "http://seewire.test/en/lessons/six", reload: () => reloads++ },
    fetch: async () => ({ text: async () => answered }),
    sessionStorage: { getItem: (/** @type {string} */ key) => kept.get(key) ?? null, setItem: kept.set.bind(kept) },
    MutationObserver: class {
      constructor(/** @type {() => void} */ tell) {
        changed = tell;
      }
      observe() {}
      disconnect() {}
    },
    document: Object.assign(new EventTarget(), {
      querySelector: (/** @type {string} */ selector) => {
        if (selector === running) return runs ? {} : null;
        return selector === "script[type=module]" ? { getAttribute: () => "/static/one/js/main.js" } : notices[/"(.+)"/.exec(selector)?.[1] ?? ""];
      },
    }),
  });
  mock.timers.enable({ apis: ["setTimeout"] });
  mock.method(console, "warn", () => {});
});
afterEach(() => {
  mock.timers.reset();
  mock.restoreAll();
});

const settled = () => new Promise((resolve) => setImmediate(resolve));
const shown = () => Object.keys(notices).filter((part) => !notices[part].hidden);

/** Each page has its own. @type {typeof import("./retry.js").untilLoaded} */
let untilLoaded;
let pages = 0;
beforeEach(async () => ({ untilLoaded } = await import(`./retry.js?page=${pages++}`)));

/** A part that fails so many times, and what has come of it. @param {number} failures */
function part(failures) {
  const state = { tries: 0, loaded: "" };
  untilLoaded(async () => {
    if (++state.tries <= failures) throw new TypeError("Failed to fetch");
    return "the part";
  }).then((loaded) => (state.loaded = loaded));
  return state;
}

test("a part that fails once is loaded a little later, without a word", async () => {
  const state = part(1);
  await settled();
  mock.timers.tick(999);
  await settled();
  assert.equal(state.tries, 1);
  mock.timers.tick(1);
  await settled();
  assert.deepEqual([state, shown()], [{ tries: 2, loaded: "the part" }, []]);
});

test("a part that fails again is said to be missing, and is tried when the reader says so, or is online again", async () => {
  const state = part(3);
  await settled();
  mock.timers.tick(1000);
  await settled();
  assert.deepEqual([state.tries, shown()], [2, ["load-failed"]]);
  notices["load-failed"].button.dispatchEvent(new Event("click"));
  await settled();
  assert.deepEqual([state.tries, shown()], [3, ["load-failed"]]);
  page.dispatchEvent(new Event("online"));
  await settled();
  assert.deepEqual([state, shown(), reloads], [{ tries: 4, loaded: "the part" }, [], 0]);
});

test("two parts that are missing ask once, and both are tried", async () => {
  const states = [part(2), part(2)];
  await settled();
  mock.timers.tick(1000);
  await settled();
  notices["load-failed"].button.dispatchEvent(new Event("click"));
  await settled();
  assert.deepEqual(states.map(({ loaded }) => loaded), ["the part", "the part"]);
});

/** A part that the server has no more, and both tries for it. */
async function partOfAnotherBuild() {
  answered = '<script type="module" src="/static/two/js/main.js">';
  const state = part(Infinity);
  await settled();
  mock.timers.tick(1000);
  await settled();
  return state;
}

test("a page that is older than the server is loaded again by itself, as soon as nothing runs", async () => {
  runs = true;
  /** @type {string[]} */
  const left = [];
  document.addEventListener("seewire-leave", () => left.push("kept"));
  await partOfAnotherBuild();
  assert.deepEqual([reloads, shown(), left], [0, [], []]);
  changed(); // one side has ended
  await settled();
  assert.equal(reloads, 0);
  runs = false;
  changed();
  await settled();
  assert.deepEqual([reloads, shown(), left], [1, [], ["kept"]]);
});

test("it is not loaded again and again", async () => {
  await partOfAnotherBuild();
  ({ untilLoaded } = await import(`./retry.js?page=${pages++}`));
  await partOfAnotherBuild();
  assert.deepEqual([reloads, shown()], [1, ["outdated"]]);
});

test("where something would be lost it only offers to be loaded again", async () => {
  document.addEventListener("seewire-leave", (event) => event.preventDefault());
  const state = await partOfAnotherBuild();
  assert.deepEqual([state.tries, reloads, shown()], [2, 0, ["outdated"]]);
  notices.outdated.button.dispatchEvent(new Event("click"));
  await settled();
  assert.equal(reloads, 1);
});
