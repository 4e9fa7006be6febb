// @ts-check
// Drawing that keeps up with a flood: soon after what is new, but neither more
// often than can be seen nor so often that the page has time for nothing else.

/** A picture may take one part of so many of the time. */
const SHARE = 6;

/** But it waits no longer than this for its next turn, in ms: on a busy machine what took long did nothing most of the time. */
const LONGEST = 1000;

/** The animation frame in which one element has drawn: the others wait for the next, so that no frame takes too long. */
let taken = -1;

export class Throttle {
  #draw;
  #every;
  #share;
  /** When the last picture was done, and what it took, in ms. */
  #done = -Infinity;
  #cost = 0;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;
  #frame = 0;

  /**
   * @param {() => void} draw
   * @param {number} every at the most, in ms
   * @param {number} [share] it may take one part of so many of the time; 0 for what somebody waits for
   */
  constructor(draw, every, share = SHARE) {
    this.#draw = draw;
    this.#every = every;
    this.#share = share;
  }

  /** Draws soon, once for all that asks for it until then. */
  schedule() {
    if (this.#timer !== undefined || this.#frame !== 0) return;
    const wait = this.#done + Math.max(this.#every, Math.min(LONGEST, this.#share * this.#cost)) - performance.now();
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#request();
    }, Math.max(0, wait));
  }

  #request() {
    this.#frame = requestAnimationFrame((frame) => {
      if (frame === taken) return this.#request();
      taken = frame;
      this.now();
    });
  }

  /** Draws at once. */
  now() {
    this.cancel();
    const begun = performance.now();
    this.#draw();
    this.#done = performance.now();
    this.#cost = this.#done - begun;
  }

  cancel() {
    clearTimeout(this.#timer);
    cancelAnimationFrame(this.#frame);
    this.#timer = undefined;
    this.#frame = 0;
  }
}
