// One POST; its response is read while it is written.
// EventSource has no part in this: it can only GET.
const response = await fetch(url, {
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({
    messages: [{ role: "user", content: controls.prompt }],
    stream: true,
  }),
});

// A read ends wherever the network ended it. The
// decoder keeps half a character for the next read,
// and `rest` keeps half an event.
const reader = response.body
  .pipeThrough(new TextDecoderStream())
  .getReader();
let rest = "";
let answer = "";
for (;;) {
  const { value, done } = await reader.read();
  if (done) break;
  const events = (rest + value).split("\n\n");
  rest = events.pop();
  for (const event of events) {
    const data = event.slice("data: ".length);
    if (data === "[DONE]") continue;
    const { delta } = JSON.parse(data).choices[0];
    if (!delta.content) continue; // no token in it
    log(delta.content);
    answer += delta.content;
  }
}
log(answer);
