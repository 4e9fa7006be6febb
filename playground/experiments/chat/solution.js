const response = await fetch(url, {
  method: 'POST',
  headers: {'Content-Type': 'application/json'},
  body: JSON.stringify({
    messages: [{role: 'user', content: controls.prompt}],
    stream: true,
  }),
});

const reader = response.body.getReader();
const decoder = new TextDecoder();
let rest = '';
let answer = '';
for (;;) {
  const {value, done} = await reader.read();
  if (done) break;
  const events = (rest + decoder.decode(value, {stream: true})).split('\n\n');
  rest = events.pop();
  for (const event of events) {
    const data = event.slice('data: '.length);
    if (data === '[DONE]') continue;
    answer += JSON.parse(data).choices[0].delta.content ?? '';
  }
}

report(answer);
