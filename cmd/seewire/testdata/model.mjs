// Asks the site's model with OpenAI's own SDK, and prints what it makes of the answers and
// of the errors. Arguments: the folder with node_modules, the base URL.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [folder, baseURL] = process.argv.slice(2);
const { default: OpenAI } = await import(pathToFileURL(createRequire(`${folder}/`).resolve("openai")));
const client = new OpenAI({ baseURL, apiKey: "none", maxRetries: 0 });
const ask = (content, more = {}) => client.chat.completions.create({ model: "any", messages: [{ role: "user", content }], ...more });
const failed = (promise) => promise.then(() => ({}), (error) => error);

let streamed = "";
for await (const chunk of await ask("hello", { stream: true })) streamed += chunk.choices[0]?.delta.content ?? "";
const whole = (await ask("hello")).choices[0].message.content;
const models = [];
for await (const model of client.models.list()) models.push(model.id);
const limited = await failed(ask("429", { stream: true }));
const refused = await failed(ask("401"));
const broken = await failed((async () => {
  for await (const _ of await ask("cut", { stream: true }));
})());
const unknown = await failed(client.embeddings.create({ model: "any", input: "x" }));

console.log(
  JSON.stringify({
    streamed,
    whole,
    models,
    limited: [limited.status, limited.headers?.get("retry-after"), limited.error?.message],
    refused: [refused.status, refused.code],
    broken: broken.error?.message ?? broken.message,
    unknown: unknown.status,
  }),
);
