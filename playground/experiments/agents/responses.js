// Typed events with numbers, as in OpenAI's Responses
// API. A POST begins a response; a GET goes on with it
// after the event that came last.
const api = new URL("/v1/responses", url);
api.search = new URL(url).search; // how it is lost
const question = {
  input: "When does train 7 leave?",
  stream: true,
  background: controls.background, // without us, too
};
let id, last, text;

for (let attempt = 1; attempt <= 3; attempt++) {
  try {
    const response = id ? await goOn() : await ask(attempt);
    if (!response.ok) {
      const { error } = await response.json();
      log(response.status, error.message);
      id = undefined; // only asking again is left
      continue;
    }
    const ending = await read(response.body);
    log(ending, text);
    if (ending !== "no end") break;
  } catch (error) {
    log("lost after event", last, error.message);
  }
  await new Promise((resume) => setTimeout(resume, 1000));
}

function ask(attempt) {
  api.searchParams.set("attempt", attempt);
  text = "";
  return fetch(api, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(question),
  });
}

function goOn() {
  const rest = new URL(api);
  rest.pathname += "/" + id;
  rest.searchParams.set("stream", "true");
  rest.searchParams.set("starting_after", last);
  return fetch(rest);
}

// Reads events with one line of data each, as this
// server writes them. The type is in the data, too.
async function read(body) {
  const reader = body
    .pipeThrough(new TextDecoderStream())
    .getReader();
  for (let rest = ""; ; ) {
    const { value, done } = await reader.read();
    if (done) return "no end";
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    for (const line of lines) {
      if (!line.startsWith("data: ")) continue;
      const event = JSON.parse(line.slice("data: ".length));
      last = event.sequence_number;
      if (event.type === "response.created") {
        id = event.response.id;
      }
      text += event.delta ?? "";
      if (isLast(event)) return event.type;
    }
  }
}

function isLast({ type }) {
  return type === "error" || type === "response.failed"
    || type === "response.incomplete"
    || type === "response.completed";
}
