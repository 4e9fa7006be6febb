// One POST; its response is read while it is written.
// EventSource has no part in this: it can only GET.
// It throws if the answer is not complete.
async function ask(prompt, onToken, signal) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({
      messages: [{ role: "user", content: prompt }],
      stream: true,
    }),
    signal,
  });
  const { status, ok, headers, body } = response;
  const type = headers.get("Content-Type") ?? "";
  if (!ok || !type.startsWith("text/event-stream")) {
    throw new Error(`${status} ${await response.text()}`);
  }

  let answer = "";
  let isWhole = false, finish;
  for await (const { type, data } of events(body)) {
    if (type === "error") throw new Error(data);
    if (data === "[DONE]") {
      isWhole = true;
      continue;
    }
    const { error, choices } = JSON.parse(data);
    if (error) throw new Error(data);
    const [choice] = choices; // may be none
    finish = choice?.finish_reason ?? finish;
    const token = choice?.delta.content;
    if (!token) continue;
    onToken(token);
    answer += token;
  }
  if (!isWhole) throw new Error("ended before [DONE]");
  return { answer, finish };
}

// The events in a body, by the rules of lesson 2.
async function* events(body) {
  // A read ends wherever the network ended it. The
  // decoder keeps half a character for the next read,
  // `rest` half a line, and `cr` that a CR was last:
  // an LF after it belongs to the same line end.
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

// A Stop button calls stop.abort(). That ends the
// response, and ask throws an AbortError.
const stop = new AbortController();
const { answer, finish } =
  await ask(controls.prompt, log, stop.signal);
log(answer);
if (finish !== "stop") log("finish_reason:", finish);
