// This works where each read is one event. Here none
// is: events are cut across reads, and so are the
// bytes of a character.
const response = await fetch(url, {
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({
    messages: [{ role: "user", content: controls.prompt }],
    stream: true,
  }),
});

const reader = response.body.getReader();
let answer = "";
for (;;) {
  const { value, done } = await reader.read();
  if (done) break;
  const text = new TextDecoder().decode(value);
  for (const event of text.split("\n\n")) {
    const data = event.slice("data: ".length);
    if (data === "" || data === "[DONE]") continue;
    const { delta } = JSON.parse(data).choices[0];
    answer += delta.content ?? "";
  }
}

report(answer); // the whole text, for the check
