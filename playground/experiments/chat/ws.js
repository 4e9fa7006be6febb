// The question is the first message; the tokens are the messages that follow.
const socket = new WebSocket(url);
let answer = '';

socket.onopen = () => {
  socket.send(JSON.stringify({
    messages: [{role: 'user', content: controls.prompt}],
  }));
};

socket.onmessage = (event) => {
  if (event.data === '[DONE]') {
    log(answer);
    return;
  }
  const token = JSON.parse(event.data).choices[0].delta.content;
  if (!token) return; // the first chunk and the last bring none
  log(token);
  answer += token;
};

socket.onclose = (event) => {
  log(event.type, event.code, event.reason);
};
