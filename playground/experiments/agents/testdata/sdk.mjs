// Has the conversation as a program with MCP's own SDK does, and prints what it
// gets as JSON. Arguments: the folder with node_modules, an address of Streamable
// HTTP in which the connection is lost before the result, one of a WebSocket.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [folder, http, ws] = process.argv.slice(2);
const require = createRequire(`${folder}/`);
const load = (name) => import(pathToFileURL(require.resolve(name)));
const { Client } = await load("@modelcontextprotocol/sdk/client/index.js");
const { StreamableHTTPClientTransport } = await load("@modelcontextprotocol/sdk/client/streamableHttp.js");
const { WebSocketClientTransport } = await load("@modelcontextprotocol/sdk/client/websocket.js");
const { ElicitRequestSchema, LoggingMessageNotificationSchema } = await load("@modelcontextprotocol/sdk/types.js");
globalThis.WebSocket ??= require("ws"); // Node has one from 22 on

async function talk(transport) {
  const client = new Client({ name: "test", version: "1" }, { capabilities: { elicitation: {} } });
  const asked = [], progress = [], told = [];
  client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
    asked.push(params.message);
    return { action: "accept", content: { seat: "aisle" } };
  });
  client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => void told.push(params.data));
  await client.connect(transport);
  const { tools } = await client.listTools();
  const { content } = await client.callTool(
    { name: "book_seat", arguments: { train: 7 } }, undefined,
    { onprogress: ({ message }) => progress.push(message) },
  );
  await transport.terminateSession?.();
  await client.close();
  return { tools: tools.map(({ name }) => name), asked, progress, told, result: content[0].text };
}

console.log(JSON.stringify({
  http: await talk(new StreamableHTTPClientTransport(new URL(http))),
  ws: await talk(new WebSocketClientTransport(new URL(ws))),
}));
