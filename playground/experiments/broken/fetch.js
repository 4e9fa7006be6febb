// One question. ask() says how its answer ended:
// "complete", "refused", "failed", "broken", "silent"
// or "stopped"; and after how many ms to ask again.
const stop = new AbortController(); // the Stop button
const key = String(crypto.getRandomValues(new Uint32Array(2)));
const { then } = controls;
let text = "", last = 0; // the last token's number

for (let attempt = 1; attempt <= 3; attempt++) {
  const { ending, why, wait } = await ask(attempt);
  report(ending);
  log(`${why}`);
  if (wait === undefined || then === "nothing") break;
  await new Promise((done) => setTimeout(done, wait));
}
if (text) log(text);

async function ask(attempt) {
  const address = new URL(url);
  address.searchParams.set("attempt", attempt);
  const headers = { "Content-Type": "application/json" };
  if (then === "key" || then === "resume") {
    headers["Idempotency-Key"] = key;
  }
  if (then === "resume") headers["Last-Event-ID"] = last;
  else text = ""; // it will come from the start

  const request = new AbortController();
  const { signal } = request;
  stop.signal.onabort = () => request.abort("stopped");
  let watchdog;
  const alive = () => {
    clearTimeout(watchdog);
    watchdog = setTimeout(
      () => request.abort("silent"), controls.patience);
  };
  let finish;
  try {
    alive();
    const response = await fetch(address, {
      method: "POST",
      headers,
      body: JSON.stringify({ prompt: controls.prompt }),
      signal,
    });
    const { ok, status, headers: got, body } = response;
    const type = got.get("Content-Type") ?? "";
    if (!ok || !type.startsWith("text/event-stream")) {
      const after = got.get("Retry-After"); // in seconds
      const wait = after === null ? undefined : after * 1000;
      return { ending: "refused", why: status, wait };
    }
    for await (const event of events(body, alive)) {
      if (event.data === "[DONE]") {
        return { ending: "complete", why: finish };
      }
      const item = JSON.parse(event.data);
      if (event.type === "error" || item.error) {
        const { message: why } = item.error ?? item;
        return { ending: "failed", why, wait: 1000 };
      }
      finish = item.finish;
      if (item.text === undefined) continue;
      text += item.text;
      last = item.n;
      if (last === controls.stop) stop.abort();
    }
    const why = "it ended without [DONE]";
    return { ending: "broken", why, wait: 1000 };
  } catch (error) {
    if (!signal.aborted) {
      return { ending: "broken", why: error, wait: 1000 };
    }
    const ending = signal.reason;
    const wait = ending === "stopped" ? undefined : 1000;
    return { ending, why: "abort()", wait };
  } finally {
    clearTimeout(watchdog);
  }
}

// The events in a body, as in lesson 1. alive() is
// called for every read: a comment is a sign of life.
async function* events(body, alive) {
  const reader = body
    .pipeThrough(new TextDecoderStream())
    .getReader();
  let rest = "", cr = false;
  let type = "message", data = [];
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return; // drops a block that is not whole
      alive();
      const more = cr ? value.replace(/^\n/, "") : value;
      cr = value.endsWith("\r");
      const lines = (rest + more).split(/\r\n|\r|\n/);
      rest = lines.pop();
      for (const line of lines) {
        if (line === "") {
          if (data.length > 0) {
            yield { type, data: data.join("\n") };
          }
          type = "message";
          data = [];
        }
        const [, name, text] =
          line.match(/^([^:]*):? ?(.*)$/s);
        if (name === "data") data.push(text);
        if (name === "event") type = text || "message";
      }
    }
  } finally {
    await reader.cancel(); // if it has not ended yet
  }
}
