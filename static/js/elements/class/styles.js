// @ts-check
// The styles of a class are in a sheet of their own, which other pages don't load.

/** Loads them, unless the page has them already. */
export function loadStyles() {
  if (document.querySelector('link[href$="/css/class.css"]')) return;
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = new URL("../css/class.css", import.meta.url).href; // scripts are bundled into js/
  document.head.append(link);
}
