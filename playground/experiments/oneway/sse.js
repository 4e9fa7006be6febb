// Down: an event stream. Up: a POST for every message.
const source = new EventSource(url);
const picture = Uint8Array.from({ length: controls.size }, (_, i) => i % 256);

source.onmessage = (event) => {
  if (controls.payload === "text") return log(event.data);
  const bytes = Uint8Array.fromBase64(event.data);
  log(bytes.length, "bytes, as", event.data.length, "characters");
};

source.onopen = async () => {
  for (let i = 1; i <= controls.messages; i++) {
    // An event carries text and nothing else: bytes travel as base64.
    const body = controls.payload === "text"
      ? `${controls.text} ${i}`
      : picture.toBase64();
    await fetch(sendUrl, { method: "POST", body });
    await new Promise((resume) => setTimeout(resume, controls.every));
  }
  source.close();
};
