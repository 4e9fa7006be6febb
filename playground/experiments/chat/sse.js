// EventSource sends a GET and nothing else: the
// question is in the URL.
const source = new EventSource(url);
let answer = "";

source.onmessage = ({ data }) => {
  if (data === "[DONE]") {
    source.close(); // or the browser would ask again
    log(answer);
    return;
  }
  const { delta } = JSON.parse(data).choices[0];
  if (!delta.content) return; // no token in it
  log(delta.content);
  answer += delta.content;
};

// After a cut the browser connects again by itself:
// the same question, and the answer from its start.
source.onerror = () => {
  log("error");
  answer = "";
};
