// Asks the server as a program with OpenAI's own SDK does, and prints what it
// gets as JSON. Arguments: the folder with node_modules, the base URL.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [folder, baseURL] = process.argv.slice(2);
const path = createRequire(`${folder}/`).resolve("openai");
const { default: OpenAI } = await import(pathToFileURL(path));
const client = new OpenAI({ baseURL, apiKey: "none", maxRetries: 0 });
const question = { model: "any", messages: [{ role: "user", content: "What is a stream?" }], seed: 7 };

const whole = await client.chat.completions.create(question);

const chunks = [];
for await (const chunk of await client.chat.completions.create({ ...question, stream: true, stream_options: { include_usage: true } })) {
  chunks.push(chunk);
}

const helper = await client.chat.completions.stream({ ...question, messages: [{ role: "user", content: [{ type: "text", text: "What is a stream?" }] }] });
const final = await helper.finalChatCompletion();

const refused = await client.chat.completions.create({ model: "any", messages: [] }).catch((error) => error);

console.log(
  JSON.stringify({
    whole: whole.choices[0].message.content,
    streamed: chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join(""),
    chunks: chunks.length,
    usage: chunks.at(-1).usage,
    final: final.choices[0].message.content,
    finish: final.choices[0].finish_reason,
    refused: { status: refused.status, message: refused.message, type: refused.type },
  }),
);
