const response = await fetch(url, {
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({
    messages: [{ role: "user", content: controls.prompt }],
    stream: true,
  }),
});

const reader = response.body.getReader();
const decoder = new TextDecoder();
let rest = "";
let answer = "";
for (;;) {
  const { value, done } = await reader.read();
  if (done) break;
  rest += decoder.decode(value, { stream: true });
  const events = rest.split("\n\n");
  rest = events.pop();
  for (const event of events) {
    const data = event.slice("data: ".length);
    if (data === "[DONE]") continue;
    const { delta } = JSON.parse(data).choices[0];
    answer += delta.content ?? "";
  }
}

report(answer);
