// @ts-check

/**
 * Makes an element of HTML.
 * @param {string} name
 * @param {string} className
 * @param {string} [text]
 * @returns {HTMLElement}
 */
export function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  if (made instanceof HTMLButtonElement) made.type = "button";
  return made;
}

/**
 * Makes an element of SVG, or has one that is there become like it: what stays as it
 * was costs the document nothing.
 * @param {SVGElement|undefined} before
 * @param {string} name
 * @param {Record<string, string|number>} attributes the same ones each time
 * @returns {SVGElement}
 */
export function renewed(before, name, attributes) {
  if (before?.localName !== name) return svg(name, attributes);
  for (const [key, value] of Object.entries(attributes)) {
    if (before.getAttribute(key) !== String(value)) before.setAttribute(key, String(value));
  }
  return before;
}

/**
 * Makes an element of SVG.
 * @param {string} name
 * @param {Record<string, string|number>} attributes
 * @param {string} [text]
 * @returns {SVGElement}
 */
export function svg(name, attributes, text) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  if (text !== undefined) made.textContent = text;
  return made;
}
