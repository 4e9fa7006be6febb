// The same events over a WebSocket, in the mode that the
// API has for it: a message each. They have numbers, but
// no message says after which one to go on.
const api = new URL("/v1/responses", url);
api.search = new URL(url).search; // how it is lost
const question = {
  type: "response.create",
  input: "When does train 7 leave?",
};
let last, text;

for (let attempt = 1; attempt <= 3; attempt++) {
  const ending = await ask(attempt);
  log(ending, text);
  if (!ending.startsWith("lost")) break;
  await new Promise((resume) => setTimeout(resume, 1000));
}

function ask(attempt) {
  api.searchParams.set("attempt", attempt);
  text = "";
  return new Promise((resolve) => {
    const socket = new WebSocket(api);
    socket.onopen = () => {
      socket.send(JSON.stringify(question));
    };
    socket.onmessage = ({ data }) => {
      const event = JSON.parse(data);
      last = event.sequence_number;
      text += event.delta ?? "";
      if (!isLast(event)) return;
      resolve(event.type);
      socket.close(1000);
    };
    socket.onclose = ({ code }) => {
      resolve(`lost (${code}) after event ${last}:`);
    };
  });
}

function isLast({ type }) {
  return type === "error" || type === "response.failed"
    || type === "response.incomplete"
    || type === "response.completed";
}
