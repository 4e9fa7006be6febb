// @ts-check
// Brings a part of a page that is open from one state that the server sent to
// the next. Scripts have added to it since; what is the same in both states is
// left as it is.

/**
 * @param {Element} live the part in the page
 * @param {Element} was the same as it came
 * @param {Element} is the same as it comes now; its nodes are used up
 */
export function patch(live, was, is) {
  if (was.isEqualNode(is)) return;
  for (const { name } of was.attributes) if (!is.hasAttribute(name)) live.removeAttribute(name);
  for (const { name, value } of is.attributes) if (was.getAttribute(name) !== value) live.setAttribute(name, value);
  const [children, before, after] = [live, was, is].map((element) => Array.from(element.childNodes));
  if (children.length !== before.length) {
    live.replaceChildren(...after); // a script has changed them
    return;
  }
  const partner = align(before, after);
  const kept = new Set(partner);
  for (const [i, child] of children.entries()) if (!kept.has(i)) child.remove();
  /** @type {ChildNode | null} */
  let last = null;
  for (const [j, node] of after.entries()) {
    const i = partner[j];
    const child = i < 0 ? node : replaced(children[i], before[i], node);
    if (i < 0) live.insertBefore(node, last ? last.nextSibling : live.firstChild);
    last = child;
  }
}

/**
 * @param {ChildNode} live
 * @param {ChildNode} was
 * @param {ChildNode} is
 * @returns {ChildNode} what is in the page now
 */
function replaced(live, was, is) {
  if (was.isEqualNode(is)) return live;
  // What a custom element makes of its children is its own business.
  if (was instanceof Element && is instanceof Element && live instanceof Element && !was.localName.includes("-")) {
    patch(live, was, is);
    return live;
  }
  live.replaceWith(is);
  return is;
}

/**
 * Pairs the nodes of two lists in their order: as many as can be that are the
 * same, and of the others those of one kind.
 * @param {Node[]} before
 * @param {Node[]} after
 * @returns {number[]} for each of after its partner's place in before, or -1
 */
export function align(before, after) {
  const worth = before.map((was) => after.map((is) => likeness(was, is)));
  const best = Array.from({ length: before.length + 1 }, () => new Array(after.length + 1).fill(0));
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      const paired = worth[i][j] && worth[i][j] + best[i + 1][j + 1];
      best[i][j] = Math.max(best[i + 1][j], best[i][j + 1], paired);
    }
  }
  const partner = new Array(after.length).fill(-1);
  for (let i = 0, j = 0; i < before.length && j < after.length; ) {
    if (worth[i][j] && best[i][j] === worth[i][j] + best[i + 1][j + 1]) partner[j++] = i++;
    else if (best[i][j] === best[i + 1][j]) i++;
    else j++;
  }
  return partner;
}

/**
 * @param {Node} a
 * @param {Node} b
 * @returns {number} 3: the same; 1: one kind of thing; 0: different things
 */
function likeness(a, b) {
  if (a.isEqualNode(b)) return 3;
  return kind(a) === kind(b) ? 1 : 0;
}

/** @param {Node} node */
function kind(node) {
  return node instanceof Element ? `${node.localName}#${node.id}.${node.className}` : node.nodeName;
}
