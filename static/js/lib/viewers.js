// @ts-check
// The timeline and the frames are the larger part of the site's scripts, and
// stand further down. They are fetched when they come near, or when a run has
// something to show in them, so that a lesson can be read before.

/** @type {Promise<void> | undefined} */
let fetched;

/** Fetches both, once; the elements can be spoken to when it is fulfilled. */
export function defineViewers() {
  return (fetched ??= fetchViewers());
}

async function fetchViewers() {
  const [{ SeewireTimeline }, { SeewireFrames }] = await Promise.all([
    import("../elements/timeline/timeline.js"),
    import("../elements/frames/frames.js"),
  ]);
  customElements.define("seewire-timeline", SeewireTimeline);
  customElements.define("seewire-frames", SeewireFrames);
}

/** Fetches both when one of them is about to be seen. */
export function defineViewersWhenNear() {
  const near = new IntersectionObserver(
    (entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      near.disconnect();
      defineViewers();
    },
    { rootMargin: "300px" },
  );
  for (const viewer of document.querySelectorAll("seewire-timeline, seewire-frames")) near.observe(viewer);
}
