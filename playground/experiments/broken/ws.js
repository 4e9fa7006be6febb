// One question. ask() says how its answer ended:
// "complete", "refused", "failed", "broken", "silent"
// or "stopped"; and after how many ms to ask again.
const stop = new AbortController(); // the Stop button
const key = String(crypto.getRandomValues(new Uint32Array(2)));
const { then } = controls;
let text = "", last = 0; // the last token's number

for (let attempt = 1; attempt <= 3; attempt++) {
  const { ending, why, wait } = await ask(attempt);
  report(ending);
  log(`${why}`);
  if (wait === undefined || then === "nothing") break;
  await new Promise((done) => setTimeout(done, wait));
}
if (text) log(text);

function ask(attempt) {
  const address = new URL(url);
  address.searchParams.set("attempt", attempt);
  const question = { prompt: controls.prompt };
  if (then === "key" || then === "resume") {
    question.key = key;
  }
  if (then === "resume") question.after = last;
  else text = ""; // it will come from the start

  return new Promise((resolve) => {
    const socket = new WebSocket(address);
    let watchdog, finish;
    // The first call decides.
    const end = (ending, why, wait) => {
      clearTimeout(watchdog);
      resolve({ ending, why, wait });
      socket.close(1000);
    };
    stop.signal.onabort = () => end("stopped", "close()");
    const alive = () => {
      clearTimeout(watchdog);
      watchdog = setTimeout(
        () => end("silent", "nothing came", 1000),
        controls.patience);
    };
    alive();

    socket.onopen = () => {
      alive();
      socket.send(JSON.stringify(question));
    };
    socket.onmessage = ({ data }) => {
      alive();
      if (data === "[DONE]") return end("complete", finish);
      const item = JSON.parse(data);
      if (item.error) {
        return end("failed", item.error.message, 1000);
      }
      finish = item.finish;
      if (item.text === undefined) return;
      text += item.text;
      last = item.n;
      if (last === controls.stop) stop.abort();
    };
    socket.onclose = ({ code, reason }) => {
      const why = `close ${code} ${reason}`;
      // 1013: try again later. 1011: the server failed.
      if (code === 1013) end("refused", why, 1000);
      else if (code === 1011) end("failed", why, 1000);
      else end("broken", why, 1000);
    };
  });
}
