const source = new EventSource(url);

// Lines of text, or every value of a byte, over and over.
const payload = controls.kind === "text"
  ? "Which of these bits is the FIN?\n".repeat(2200).slice(0, controls.size)
  : new Uint8Array(controls.size).map((_, i) => i);

source.onopen = async () => {
  log("open");
  const answer = await fetch(sendUrl, { method: "POST", body: payload });
  if (answer.ok) return;
  log("refused:", answer.status);
  source.close();
};

source.onmessage = ({ data }) => {
  log(data.length, "characters");
  if (controls.kind === "binary") log(Uint8Array.fromBase64(data));
  source.close(); // there is no code to give, and no reason
};
