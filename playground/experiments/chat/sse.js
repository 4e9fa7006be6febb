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
  const { error, choices } = JSON.parse(data);
  if (error) {
    source.close();
    log("error:", error.message);
    return;
  }
  const token = choices[0]?.delta.content;
  if (!token) return;
  log(token);
  answer += token;
};

// After a cut the browser connects again by itself:
// the same question, and the answer from its start.
// After a status that is not 200 it does not.
source.onerror = () => {
  const closed = source.readyState === EventSource.CLOSED;
  log("error:", closed ? "closed" : "connecting again");
  answer = "";
};
