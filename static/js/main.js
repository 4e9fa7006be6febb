// @ts-check
// Every element of the site is defined or registered here. What the server sends
// can be read without any.

import { Code } from "./elements/code/code.js";
import { Exercise } from "./elements/exercise/exercise.js";
import { SeewireFrames } from "./elements/frames/frames.js";
import { Language } from "./elements/language/language.js";
import { Playground } from "./elements/playground/playground.js";
import { Predict } from "./elements/predict/predict.js";
import { Progress } from "./elements/progress/progress.js";
import { Terminal } from "./elements/terminal/terminal.js";
import { SeewireTimeline } from "./elements/timeline/timeline.js";
import { Way } from "./elements/way/way.js";
import { moduleWithWords } from "./lib/experiment.js";
import { define, defineWhenNear, register } from "./lib/lazy.js";
import * as store from "./lib/store.js";
import { untilLoaded } from "./lib/retry.js";
import { addWords, loadWords } from "./lib/words.js";

await untilLoaded(loadWords);

register("seewire-answers", async () => {
  await addWords("answer");
  return (await import("./elements/answers/answers.js")).SeewireAnswers;
});
register("seewire-bytes", async () => {
  await Promise.all([addWords("bytes"), define("seewire-answers")]);
  return (await import("./elements/bytes/bytes.js")).Bytes;
});
register("seewire-claim-evidence", async () => {
  await addWords("claim");
  return (await import("./elements/claimevidence/claimevidence.js")).ClaimEvidence;
});
register("seewire-class", async () => {
  await addWords("class");
  return (await import("./elements/class/class.js")).Class;
});
register("seewire-class-page", async () => {
  await addWords("class");
  return (await import("./elements/class/page.js")).ClassPage;
});
register("seewire-demo", async () => (await import("./elements/demo/demo.js")).Demo);
register("seewire-edits", async () => (await import("./elements/edits/edits.js")).Edits);
register("seewire-guide", async () => {
  await addWords("guide");
  return (await import("./elements/guide/guide.js")).Guide;
});
register("seewire-picture", async () => {
  const { module = "", experiment } = /** @type {HTMLElement} */ (document.querySelector("seewire-playground")).dataset;
  return (await moduleWithWords(module, `picture.${experiment}`)).Picture;
});
register("seewire-reachability", async () => (await import("./elements/reachability/reachability.js")).Reachability);
register("seewire-tabs", async () => (await import("./elements/tabs/tabs.js")).Tabs);
register("seewire-watch", async () => {
  await Promise.all([addWords("watch"), define("seewire-answers")]);
  return (await import("./elements/watch/watch.js")).Watch;
});

// Elements that others call come before their callers.
customElements.define("seewire-language", Language);
customElements.define("seewire-way", Way);
customElements.define("seewire-progress", Progress);
customElements.define("seewire-predict", Predict);
customElements.define("seewire-terminal", Terminal);
customElements.define("seewire-code", Code);
customElements.define("seewire-timeline", SeewireTimeline);
customElements.define("seewire-frames", SeewireFrames);
customElements.define("seewire-playground", Playground);
customElements.define("seewire-exercise", Exercise);
defineWhenNear();
for (const name of ["seewire-edits", "seewire-class-page", "seewire-watch"]) if (document.querySelector(name)) define(name);
// A learner's class is on every page, once this browser has joined one.
if (store.read("class") && !document.querySelector("seewire-class-page")) {
  document.body.append(document.createElement("seewire-class"));
  define("seewire-class");
}
