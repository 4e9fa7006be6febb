// @ts-check
import assert from "node:assert/strict";
import test, { afterEach, beforeEach, mock } from "node:test";
import { untilLoaded } from "./retry.js";

/** The notices of the page, by their names. @type {Record<string, any>} */
let notices;
let page = new EventTarget();
/** The page that the server answers with. */
let answered = "";
let reloads = 0;

beforeEach(() => {
  const notice = (/** @type {string} */ part) => {
    const button = new EventTarget();
    return { dataset: { part }, hidden: true, button, querySelector: () => button };
  };
  notices = { "load-failed": notice("load-failed"), outdated: notice("outdated") };
  page = new EventTarget();
  answered = '<script type="module" src="/static/one/js/main.js">';
  reloads = 0;
  Object.assign(globalThis, {
    addEventListener: page.addEventListener.bind(page),
    location: { href: "http://seewire.test/en/lessons/six", reload: () => reloads++ },
    fetch: async () => ({ text: async () => answered }),
    document: {
      querySelector: (/** @type {string} */ selector) =>
        selector === "script[type=module]" ? { getAttribute: () => "/static/one/js/main.js" } : notices[/"(.+)"/.exec(selector)?.[1] ?? ""],
    },
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

test("a page that is older than the server offers to be loaded again", async () => {
  answered = '<script type="module" src="/static/two/js/main.js">';
  const state = part(Infinity);
  await settled();
  mock.timers.tick(1000);
  await settled();
  assert.deepEqual([state.tries, shown()], [2, ["outdated"]]);
  notices.outdated.button.dispatchEvent(new Event("click"));
  await settled();
  assert.equal(reloads, 1);
});
