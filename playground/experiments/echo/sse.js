const source = new EventSource(url);

const line = "Which of these bits is the FIN?\n";
const payload = controls.kind === "text"
  ? line.repeat(2200).slice(0, controls.size)
  : new Uint8Array(controls.size).map((_, i) => i);

source.onopen = () => {
  log("open");
  setTimeout(send, 200);
};

async function send() {
  const answer = await fetch(sendUrl, {
    method: "POST", body: payload,
  });
  if (answer.ok) return;
  log("refused:", answer.status);
  source.close();
}

source.onmessage = ({ data }) => {
  log(data.length);
  // There is no code to give, and no reason.
  setTimeout(() => source.close(), 200);
};
