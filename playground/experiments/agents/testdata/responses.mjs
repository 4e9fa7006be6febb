// Reads responses as a program with OpenAI's own SDK does, and prints what it gets as
// JSON. Arguments: the folder with node_modules, the base URL of the API.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [folder, baseURL] = process.argv.slice(2);
const require = createRequire(`${folder}/`);
const load = (name) => import(pathToFileURL(require.resolve(name)));
const { default: OpenAI } = await load("openai");
const { ResponsesWS } = await load("openai/resources/responses/ws");

const question = { model: "any", input: "When does train 7 leave?" };
const client = (cut) => new OpenAI({ baseURL, apiKey: "none", maxRetries: 0, defaultQuery: { every: "50", cut, how: "close" } }); // a reset may take what was not read yet
const whole = client("never");

// What a stream's events say.
async function read(stream, until = () => false) {
  const types = [], numbers = [];
  let text = "", id, lost = "";
  try {
    for await (const event of stream) {
      types.push(event.type);
      numbers.push(event.sequence_number);
      if (event.type === "response.created") ({ id } = event.response);
      if (event.type === "response.output_text.delta") text += event.delta;
      if (until(event)) break;
    }
  } catch (error) {
    lost = error.constructor.name;
  }
  return { types, numbers, text, id, lost };
}

const background = { ...question, background: true, stream: true };
const inBackground = await read(await client("result").responses.create(background)); // the server cuts
const rest = await read(await whole.responses.retrieve(inBackground.id, { stream: true, starting_after: inBackground.numbers.at(-1) }));
const left = await read(await whole.responses.create(background), ({ sequence_number }) => sequence_number === 6); // the client does
const helper = whole.responses.stream({ response_id: left.id, starting_after: 6 });
const helped = await helper.finalResponse();

const gone = await read(await client("result").responses.create({ ...question, stream: true }));
const lost = await whole.responses.retrieve(gone.id).catch((error) => error);

const begun = await whole.responses.create({ ...question, background: true });
const cancelled = await whole.responses.cancel(begun.id);
const again = await whole.responses.retrieve(begun.id);
const notStreamed = await Promise.resolve(whole.responses.retrieve(begun.id, { stream: true })).then(read).catch((error) => error);
await whole.responses.delete(begun.id);
const deleted = await whole.responses.retrieve(begun.id).catch((error) => error);

const short = await whole.responses.create({ ...question, max_output_tokens: 3 });
const streamed = await whole.responses.stream({ ...question, input: [{ role: "user", content: [{ type: "input_text", text: "7 次列车几点开？" }] }] }).finalResponse();
const failing = await read(await new OpenAI({ baseURL, apiKey: "none", maxRetries: 0, defaultQuery: { every: "50", outcome: "failed" } }).responses.create({ ...question, stream: true }));
const broken = await read(await new OpenAI({ baseURL, apiKey: "none", maxRetries: 0, defaultQuery: { every: "50", outcome: "error" } }).responses.create({ ...question, stream: true }));
const refused = await whole.responses.create({ model: "any", input: "" }).catch((error) => error);

// Over a WebSocket: two responses one after another, and one that can't be.
const socket = new ResponsesWS(whole);
const said = [];
socket.send({ type: "response.create", ...question });
socket.send({ type: "response.create", ...question, previous_response_id: "resp_none" });
for await (const event of socket) {
  if (event.type === "error") {
    said.push(event.error.error.error.code); // of the SDK's error, the message's error
    break;
  }
  if (event.type === "message") said.push(event.message.type);
}
socket.close();

const fault = ({ status, message, type, code, param }) => ({ status, message, type, code, param });
console.log(JSON.stringify({
  inBackground, rest, left, gone,
  helped: { text: helped.output_text, status: helped.status },
  lost: fault(lost), cancelled: cancelled.status, again: again.status, notStreamed: fault(notStreamed), deleted: fault(deleted),
  short: { status: short.status, text: short.output_text, reason: short.incomplete_details?.reason, tokens: short.usage?.output_tokens },
  streamed: { status: streamed.status, text: streamed.output_text, usage: streamed.usage },
  failing, broken, refused: fault(refused), said,
}));
process.exit(0);
