// The same messages. Each is a text message of one
// WebSocket, whichever side has something to say.
const socket = new WebSocket(url, "mcp");

function send(message) {
  socket.send(JSON.stringify({ jsonrpc: "2.0", ...message }));
}

socket.onopen = () => {
  send({ id: 1, method: "initialize", params: {
    protocolVersion: "2025-11-25",
    capabilities: { elicitation: {} },
    clientInfo: { name: "ws.js", version: "1" },
  } });
};

socket.onmessage = ({ data }) => {
  const { id, method, params, result } = JSON.parse(data);
  if (method) {
    hear({ id, method, params });
  } else if (id === 1) {
    send({ method: "notifications/initialized" });
    send({ id: 2, method: "tools/call", params: {
      name: "book_seat",
      arguments: { train: 7 },
      _meta: { progressToken: 2 },
    } });
  } else {
    log(result.content[0].text);
    socket.close(1000);
  }
};

// What the server says, or asks.
function hear({ id, method, params }) {
  log(method, params.message ?? params.data);
  if (method !== "elicitation/create") return;
  const result = controls.answer === "decline"
    ? { action: "decline" }
    : { action: "accept", content: { seat: controls.answer } };
  send({ id, result });
}

socket.onclose = ({ code }) => {
  if (code !== 1000) log("lost:", code);
};
