// Reads a stream of a form with the official SDK of who made the form, and prints what it
// makes of it. Arguments: the folder with node_modules, the form, the server's address.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [folder, form, server] = process.argv.slice(2);
const load = (name) => import(pathToFileURL(createRequire(`${folder}/`).resolve(name)));
const question = [{ role: "user", content: "What is the weather?" }];
const call = (name, args) => ({ name, arguments: typeof args === "string" ? JSON.parse(args) : args });

const readers = {
  async "openai-chat"() {
    const { default: OpenAI } = await load("openai");
    const client = new OpenAI({ baseURL: `${server}/v1`, apiKey: "none", maxRetries: 0 });
    const { choices, usage } = await client.chat.completions.stream({ model: "demo", messages: question, stream_options: { include_usage: true } }).finalChatCompletion();
    const [{ message, finish_reason }] = choices;
    const calls = (message.tool_calls ?? []).map(({ function: f }) => call(f.name, f.arguments));
    return { text: message.content, reasoning: "", calls, in: usage.prompt_tokens, out: usage.completion_tokens, finish: finish_reason };
  },
  async "openai-responses"() {
    const { default: OpenAI } = await load("openai");
    const client = new OpenAI({ baseURL: `${server}/v1`, apiKey: "none", maxRetries: 0 });
    const response = await client.responses.stream({ model: "demo", input: "What is the weather?" }).finalResponse();
    const of = (type) => response.output.filter((item) => item.type === type);
    return {
      text: response.output_text ?? of("message").flatMap(({ content }) => content.map(({ text }) => text)).join(""),
      reasoning: of("reasoning").flatMap(({ summary }) => summary.map(({ text }) => text)).join(""),
      calls: of("function_call").map((item) => call(item.name, item.arguments)),
      in: response.usage.input_tokens,
      out: response.usage.output_tokens,
      finish: response.status,
    };
  },
  async anthropic() {
    const { default: Anthropic } = await load("@anthropic-ai/sdk");
    const client = new Anthropic({ baseURL: server, apiKey: "none", maxRetries: 0 });
    const { content, usage, stop_reason } = await client.messages.stream({ model: "demo", max_tokens: 100, messages: question }).finalMessage();
    const of = (type) => content.filter((block) => block.type === type);
    return {
      text: of("text").map(({ text }) => text).join(""),
      reasoning: of("thinking").map(({ thinking }) => thinking).join(""),
      calls: of("tool_use").map(({ name, input }) => call(name, input)),
      in: usage.input_tokens,
      out: usage.output_tokens,
      finish: stop_reason,
    };
  },
  async gemini() {
    const { GoogleGenAI } = await load("@google/genai");
    const client = new GoogleGenAI({ apiKey: "none", httpOptions: { baseUrl: server } });
    const got = { text: "", reasoning: "", calls: [], in: 0, out: 0, finish: "" };
    for await (const { candidates, usageMetadata } of await client.models.generateContentStream({ model: "demo", contents: "What is the weather?" })) {
      for (const { text = "", thought, functionCall } of candidates[0].content?.parts ?? []) {
        if (functionCall) got.calls.push(call(functionCall.name, functionCall.args));
        else got[thought ? "reasoning" : "text"] += text;
      }
      got.in = usageMetadata.promptTokenCount;
      got.out = (usageMetadata.candidatesTokenCount ?? 0) + (usageMetadata.thoughtsTokenCount ?? 0);
      got.finish = candidates[0].finishReason ?? got.finish;
    }
    return got;
  },
  async ollama() {
    const { Ollama } = await load("ollama");
    const got = { text: "", reasoning: "", calls: [], in: 0, out: 0, finish: "" };
    for await (const { message, done, done_reason, prompt_eval_count, eval_count } of await new Ollama({ host: server }).chat({ model: "demo", messages: question, stream: true })) {
      got.text += message.content;
      got.reasoning += message.thinking ?? "";
      for (const { function: f } of message.tool_calls ?? []) got.calls.push(call(f.name, f.arguments));
      if (done) Object.assign(got, { in: prompt_eval_count, out: eval_count, finish: done_reason });
    }
    return got;
  },
  async mcp() {
    const { Client } = await load("@modelcontextprotocol/sdk/client/index.js");
    const { StreamableHTTPClientTransport } = await load("@modelcontextprotocol/sdk/client/streamableHttp.js");
    const client = new Client({ name: "test", version: "1" });
    await client.connect(new StreamableHTTPClientTransport(new URL(`${server}/mcp`)));
    let progress = 0;
    const result = await client.callTool({ name: "weather", arguments: {} }, undefined, { onprogress: ({ progress: n }) => (progress = n) });
    await client.close();
    return { text: JSON.stringify(result), reasoning: "", calls: [], in: progress, out: 0, finish: "result" };
  },
};

const got = await readers[form]().catch((error) => ({ error: `${error.name}: ${error.message}` }));
console.log(JSON.stringify(got));
process.exit(0);
