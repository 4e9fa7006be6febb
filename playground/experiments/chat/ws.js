// The question is the first message, the tokens are
// those that follow.
const socket = new WebSocket(url);
let answer = "";

socket.onopen = () => {
  socket.send(JSON.stringify({
    messages: [{ role: "user", content: controls.prompt }],
  }));
};

socket.onmessage = ({ data }) => {
  if (data === "[DONE]") {
    log(answer);
    return;
  }
  const { delta } = JSON.parse(data).choices[0];
  if (!delta.content) return; // no token in it
  log(delta.content);
  answer += delta.content;
};

socket.onclose = ({ code, reason }) => {
  log("close:", code, reason);
};
