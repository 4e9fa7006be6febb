// @ts-check
import assert from "node:assert/strict";
import test, { beforeEach } from "node:test";
import { FrameList } from "./list.js";

const rowHeight = 25;

/** What the list needs of an element: a browser scrolls it no farther than it goes, and need not tell of it. */
class Element extends EventTarget {
  className = "";
  id = "";
  tabIndex = -1;
  clientHeight = 0;
  /** @type {Record<string, string>} */
  style = {};
  /** @type {Element[]} */
  children = [];
  /** @type {Element | undefined} */
  parent;
  text = "";
  #top = 0;
  get scrollTop() {
    const height = Number.parseFloat(this.children[0]?.style.height ?? "0");
    return (this.#top = Math.max(0, Math.min(this.#top, height - this.clientHeight)));
  }
  set scrollTop(top) {
    this.#top = top;
    this.#top = this.scrollTop;
  }
  setAttribute() {}
  removeAttribute() {}
  append(/** @type {Element} */ child) {
    child.parent = this;
    this.children.push(child);
  }
  replaceChildren() {}
  remove() {
    this.parent?.children.splice(this.parent.children.indexOf(this), 1);
  }
}

/** Says that the list has another height. */
let resized = () => {};
beforeEach(() => {
  Object.assign(globalThis, {
    document: { createElement: () => new Element() },
    getComputedStyle: () => ({ getPropertyValue: () => String(rowHeight) }),
    requestAnimationFrame: (/** @type {() => void} */ draw) => draw(),
    ResizeObserver: class {
      constructor(/** @type {() => void} */ tell) {
        resized = tell;
      }
      observe() {}
    },
  });
});

/** A list in a window that is so high. @param {number} height */
function list(height) {
  const made = new FrameList("frames", (row, element) => {
    /** @type {any} */ (element).text = String(/** @type {any} */ (row).number);
  });
  const element = /** @type {Element} */ (/** @type {unknown} */ (made.element));
  const resize = (/** @type {number} */ to) => {
    element.clientHeight = to;
    resized();
  };
  resize(height);
  /** The rows that are in sight. */
  const seen = () => {
    const [from, to] = [element.scrollTop, element.scrollTop + element.clientHeight];
    return element.children[0].children
      .filter(({ style }) => Number.parseFloat(style.top) + rowHeight > from && Number.parseFloat(style.top) < to)
      .map(({ text }) => Number(text))
      .sort((a, b) => a - b);
  };
  return { made, resize, seen };
}

const rows = (/** @type {number} */ count) => /** @type {any[]} */ (Array.from({ length: count }, (_, number) => ({ number })));
const range = (/** @type {number} */ from, /** @type {number} */ to) => Array.from({ length: to - from }, (_, i) => from + i);

test("a list that follows the newest before it has a height has its first rows when it gets one", () => {
  const { made, resize, seen } = list(0);
  made.update(rows(19));
  made.scrollToEnd();
  resize(20 * rowHeight);
  assert.deepEqual(seen(), range(0, 19));
});

test("of a long list that is filtered at its end all rows are there, and the first of them can be seen", () => {
  const { made, seen } = list(10 * rowHeight);
  const all = rows(500);
  made.update(all);
  made.scrollToEnd();
  assert.deepEqual(seen(), range(490, 500));
  made.update(all.slice(0, 8));
  assert.deepEqual(seen(), range(0, 8));
  made.update(all.slice(0, 30));
  assert.equal(seen().length, 10);
});

test("the last row of a list that just fits does not push the first away", () => {
  const { made, seen } = list(10 * rowHeight);
  const all = rows(10);
  made.update(all);
  made.select(all[9]);
  assert.deepEqual(seen(), range(0, 10));
  made.update(rows(40));
  assert.deepEqual(seen(), range(0, 10), "and it does not jump when more come");
});

test("a list of one row's height shows the row that is chosen", () => {
  const { made, resize, seen } = list(rowHeight);
  const all = rows(40);
  made.update(all);
  made.select(all[20]);
  assert.deepEqual(seen(), [20]);
  resize(0);
  resize(12 * rowHeight);
  assert.ok(seen().includes(20) && seen().length >= 12);
});
