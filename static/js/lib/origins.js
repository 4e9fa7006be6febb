// @ts-check
// Where a run's programs come from. Most run in the sandbox, whose origin is
// nobody's; an experiment about origins has frames of others, and a control
// that chooses between them.

/**
 * What a playground asks of a run beside its programs.
 * @param {Record<string, string | number | boolean>} controls
 * @param {Element | null} [playground] the page's
 * @returns {{origin: string | null, visits: boolean}} origin: of the frame, "" for the sandbox, null where the frame that is wanted is not there
 */
export function placeOf(controls, playground = document.querySelector("seewire-playground")) {
  const { origins, visits } = /** @type {HTMLElement} */ (playground).dataset;
  const place = { origin: /** @type {string | null} */ (""), visits: visits !== undefined };
  if (origins && controls.origin !== "null") place.origin = JSON.parse(origins)[String(controls.origin)] ?? null;
  return place;
}
