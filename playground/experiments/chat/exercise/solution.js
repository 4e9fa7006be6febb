const response = await fetch(url, {
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({
    messages: [{ role: "user", content: controls.prompt }],
    stream: true,
  }),
});

// More than this server asks for: right for any event
// stream, whatever ends its lines. `rest` is half a
// line, and `cr` that a CR was last: an LF after it
// belongs to the same line end.
const reader = response.body.getReader();
const decoder = new TextDecoder();
let rest = "", cr = false;
let data = [];
let answer = "";
for (;;) {
  const { value, done } = await reader.read();
  if (done) break;
  const text = decoder.decode(value, { stream: true });
  if (text === "") continue; // half a character
  const more = cr ? text.replace(/^\n/, "") : text;
  cr = text.endsWith("\r");
  const lines = (rest + more).split(/\r\n|\r|\n/);
  rest = lines.pop();
  for (const line of lines) {
    if (line === "") {
      take(data.join("\n"));
      data = [];
    }
    const [, name, content] =
      line.match(/^([^:]*):? ?(.*)$/s);
    if (name === "data") data.push(content);
  }
}

function take(event) {
  if (event === "" || event === "[DONE]") return;
  const [choice] = JSON.parse(event).choices;
  answer += choice?.delta.content ?? "";
}

report(answer);
