const request = new AbortController();
let watchdog;

// Fed by every byte, a comment's too.
function alive() {
  clearTimeout(watchdog);
  watchdog = setTimeout(alarm, controls.patience);
}

function alarm() {
  report("alarm");
  request.abort();
}

alive(); // from here on: it may hang before it opens
try {
  const { signal } = request;
  const { status, ok, body } = await fetch(url, { signal });
  alive();
  log("status", status);
  if (!ok) throw new Error("refused");

  // One decoder for all: it keeps half a character.
  const reader = body
    .pipeThrough(new TextDecoderStream())
    .getReader();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    alive();
    log(value.trim());
  }
  log("the end");
} catch (error) {
  log(`${error}`);
}
clearTimeout(watchdog);
