// EventSource sends a GET and nothing else, so the question is in the address.
const events = new EventSource(url);
let answer = '';

events.onmessage = (event) => {
  if (event.data === '[DONE]') {
    events.close(); // or else, when the stream ends, the browser asks again
    log(answer);
    return;
  }
  const token = JSON.parse(event.data).choices[0].delta.content;
  if (!token) return; // the first chunk and the last bring none
  log(token);
  answer += token;
};

// After a cut the browser connects again by itself. That is the same question
// a second time, and an answer from its beginning.
events.onerror = (event) => {
  log(event.type);
  answer = '';
};
