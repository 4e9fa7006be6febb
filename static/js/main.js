// @ts-check
// Every element of the site is registered here, or by lib/lazy.js when it
// comes near. What the server sends can be read without any.

import { Code } from "./elements/code/code.js";
import { Exercise } from "./elements/exercise/exercise.js";
import { Language } from "./elements/language/language.js";
import { Playground } from "./elements/playground/playground.js";
import { Predict } from "./elements/predict/predict.js";
import { Progress } from "./elements/progress/progress.js";
import { Terminal } from "./elements/terminal/terminal.js";
import { define, defineWhenNear } from "./lib/lazy.js";
import { loadWords } from "./lib/words.js";

await loadWords(document.body.dataset.words ?? "");

// What others speak to comes first.
customElements.define("seewire-language", Language);
customElements.define("seewire-progress", Progress);
customElements.define("seewire-predict", Predict);
customElements.define("seewire-terminal", Terminal);
customElements.define("seewire-code", Code);
customElements.define("seewire-playground", Playground);
customElements.define("seewire-exercise", Exercise);
defineWhenNear();
if (document.querySelector("seewire-edits")) define("seewire-edits");
