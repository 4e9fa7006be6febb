// The question is the first message, the tokens are
// those that follow.
const socket = new WebSocket(url);
let answer = "";
let isWhole = false;

socket.onopen = () => {
  socket.send(JSON.stringify({
    messages: [{ role: "user", content: controls.prompt }],
  }));
};

socket.onmessage = ({ data }) => {
  if (data === "[DONE]") {
    isWhole = true;
    log(answer);
    return;
  }
  const { error, choices } = JSON.parse(data);
  if (error) {
    socket.close();
    log("error:", error.message);
    return;
  }
  const token = choices[0]?.delta.content;
  if (!token) return;
  log(token);
  answer += token;
};

socket.onclose = ({ code, reason }) => {
  log("close:", code, reason);
  if (!isWhole) log("the answer is not whole");
};
