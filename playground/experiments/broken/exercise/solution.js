// Nine questions, one after the other. Report how each
// answer ended: "complete", "refused", "failed",
// "broken" or "silent".
for (let attempt = 1; attempt <= 9; attempt++) {
  report(await ask(attempt));
}

async function ask(attempt) {
  const address = new URL(url);
  address.searchParams.set("attempt", attempt);
  const body = JSON.stringify({ prompt: controls.prompt });
  const request = new AbortController();
  const { signal } = request;
  let watchdog;
  const alive = () => {
    clearTimeout(watchdog);
    watchdog = setTimeout(() => request.abort(), 2500);
  };
  try {
    alive();
    const response = await fetch(address, {
      method: "POST",
      body,
      signal,
    });
    if (!response.ok) return "refused";
    for await (const event of events(response.body)) {
      alive();
      if (event.data === "[DONE]") return "complete";
      const { error } = JSON.parse(event.data);
      if (event.type === "error" || error) return "failed";
    }
    return "broken"; // it ended without its marker
  } catch {
    return signal.aborted ? "silent" : "broken";
  } finally {
    clearTimeout(watchdog);
  }
}

// The events in a body, as in lesson 1. There is
// nothing to change from here on.
async function* events(body) {
  const reader = body
    .pipeThrough(new TextDecoderStream())
    .getReader();
  let rest = "", cr = false;
  let type = "message", data = [];
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return; // drops a block that is not whole
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
