const source = new EventSource(url);

const line = "Which of these bits is the FIN?\n";
const payload = controls.kind === "text"
  ? line.repeat(2200).slice(0, controls.size)
  : new Uint8Array(controls.size).map((_, i) => i);

// Once: after a drop the stream opens again.
source.addEventListener("open", () => {
  log("open");
  setTimeout(send, 200);
}, { once: true });

async function send() {
  const response = await fetch(sendUrl, {
    method: "POST", body: payload,
  });
  if (response.ok) return;
  log("refused:", response.status);
  source.close();
}

source.onmessage = ({ data }) => {
  log(data.length);
  // There is no code to give, and no reason.
  setTimeout(() => source.close(), 200);
};
