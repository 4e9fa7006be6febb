const source = new EventSource(url);
const picture = Uint8Array.from({ length: controls.size }, (_, i) => i % 256);

source.onopen = () => {
  const body = picture.toBase64();
  fetch(sendUrl, { method: "POST", body });
};

source.onmessage = (event) => {
  const bytes = Uint8Array.fromBase64(event.data);
  report([...bytes]);
  source.close();
};
