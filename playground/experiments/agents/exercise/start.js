// This has its result, unless the connection is lost.
const headers = {
  "Content-Type": "application/json",
  "Accept": "application/json, text/event-stream",
};

function post(message) {
  return fetch(url, {
    method: "POST",
    headers,
    body: JSON.stringify({ jsonrpc: "2.0", ...message }),
  });
}

// Reads a stream, and returns the result if it was in it.
async function read(response) {
  let result;
  for await (const { id, data } of events(response.body)) {
    if (data === "") continue; // only an ID
    const said = JSON.parse(data);
    if (said.method === "elicitation/create") {
      const answer = { action: "accept", content: { seat: "aisle" } };
      await post({ id: said.id, result: answer });
    }
    result ??= said.result;
  }
  return result;
}

const hello = await post({ id: 1, method: "initialize", params: {
  protocolVersion: "2025-11-25",
  capabilities: { elicitation: {} },
  clientInfo: { name: "exercise", version: "1" },
} });
headers["Mcp-Session-Id"] =
  hello.headers.get("Mcp-Session-Id");
await post({ method: "notifications/initialized" });

const response = await post({ id: 2, method: "tools/call", params: {
  name: "book_seat",
  arguments: { train: 7 },
  _meta: { progressToken: 2 },
} });
const result = await read(response);
report(result.content[0].text);
await fetch(url, { method: "DELETE", headers });

// The events of a stream, each with its ID.
async function* events(body) {
  const text = body.pipeThrough(new TextDecoderStream());
  const reader = text.getReader();
  let rest = "", id = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    for (const line of lines) {
      if (line.startsWith("id: ")) id = line.slice(4);
      if (!line.startsWith("data: ")) continue;
      yield { id, data: line.slice(6) };
    }
  }
}
