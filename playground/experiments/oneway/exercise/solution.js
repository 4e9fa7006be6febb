const source = new EventSource(url);

// Every value of a byte, over and over.
const picture = new Uint8Array(controls.size)
  .map((_, i) => i);

// Once: after a drop the stream opens again.
source.addEventListener("open", () => {
  const body = picture.toBase64();
  fetch(sendUrl, { method: "POST", body });
}, { once: true });

source.onmessage = (event) => {
  const bytes = Uint8Array.fromBase64(event.data);
  report([...bytes]);
  source.close();
};
