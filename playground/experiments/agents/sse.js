// MCP over one address. What goes up is a POST of its own,
// each time; what comes down is JSON or an event stream.
const headers = {
  "Content-Type": "application/json",
  "Accept": "application/json, text/event-stream",
};

// Sends a message, and returns the result if it has one.
async function post(message) {
  const response = await fetch(url, {
    method: "POST",
    headers,
    body: JSON.stringify({ jsonrpc: "2.0", ...message }),
  });
  if (!response.ok) throw new Error(await response.text());
  if (response.status === 202) return; // taken
  const session = response.headers.get("Mcp-Session-Id");
  if (session) headers["Mcp-Session-Id"] = session;

  const type = response.headers.get("Content-Type");
  if (type === "application/json") {
    return (await response.json()).result;
  }
  let result;
  for await (const said of messages(response.body)) {
    if (said.method) await hear(said);
    else result = said.result;
  }
  if (!result) throw new Error("ended before the result");
  return result;
}

// What the server says, or asks.
async function hear({ id, method, params }) {
  log(method, params.message ?? params.data);
  if (method !== "elicitation/create") return;
  const result = controls.answer === "decline"
    ? { action: "decline" }
    : { action: "accept", content: { seat: controls.answer } };
  await post({ id, result });
}

// The messages in a stream of events with one line of
// data each, as this server writes them.
async function* messages(body) {
  const text = body.pipeThrough(new TextDecoderStream());
  let rest = "";
  const reader = text.getReader();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    for (const line of lines) {
      if (!line.startsWith("data: {")) continue;
      yield JSON.parse(line.slice("data: ".length));
    }
  }
}

// A GET: what the server has to say unasked, until the
// session ends.
async function listen() {
  const response = await fetch(url, { headers });
  for await (const said of messages(response.body)) {
    await hear(said);
  }
}

await post({ id: 1, method: "initialize", params: {
  protocolVersion: "2025-11-25",
  capabilities: { elicitation: {} },
  clientInfo: { name: "sse.js", version: "1" },
} });
headers["MCP-Protocol-Version"] = "2025-11-25";
await post({ method: "notifications/initialized" });
const listening = listen();

try {
  const result = await post({ id: 2, method: "tools/call", params: {
    name: "book_seat",
    arguments: { train: 7 },
    _meta: { progressToken: 2 },
  } });
  log(result.content[0].text);
} catch (error) {
  log("lost:", error.message);
  // Does the result come by itself?
  await new Promise((resume) => setTimeout(resume, 8 * controls.every));
}
await fetch(url, { method: "DELETE", headers });
await listening;
