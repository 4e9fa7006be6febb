// One POST, whose response is read while it is still being written.
// EventSource has no part in this: it can send nothing but a GET.
const response = await fetch(url, {
  method: 'POST',
  headers: {'Content-Type': 'application/json'},
  body: JSON.stringify({
    messages: [{role: 'user', content: controls.prompt}],
    stream: true,
  }),
});

// A read ends where the network happened to end it. The decoder keeps half a
// character for the next read, and `rest` keeps half an event.
const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
let rest = '';
let answer = '';
for (;;) {
  const {value, done} = await reader.read();
  if (done) break;
  const events = (rest + value).split('\n\n');
  rest = events.pop();
  for (const event of events) {
    const data = event.slice('data: '.length);
    if (data === '[DONE]') continue;
    const token = JSON.parse(data).choices[0].delta.content;
    if (!token) continue; // the first chunk and the last bring none
    log(token);
    answer += token;
  }
}
log(answer);
