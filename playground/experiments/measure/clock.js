// @ts-check

/**
 * The step of a clock: the smallest difference that it showed. Browsers make
 * performance.now() coarse on purpose, against attacks that measure time.
 * @param {() => number} clock in ms
 * @param {number} [looks] how often it is looked at, at most
 * @returns {number} ms
 */
export function stepOf(clock, looks = 20_000) {
  let step = Infinity;
  let changes = 0;
  let last = clock();
  for (let i = 0; i < looks && changes < 20; i++) {
    const now = clock();
    if (now === last) continue;
    step = Math.min(step, now - last);
    changes++;
    last = now;
  }
  return step;
}
