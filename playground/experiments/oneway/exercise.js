const source = new EventSource(url);
const picture = Uint8Array.from({ length: controls.size }, (_, i) => i % 256);

source.onopen = () => {
  const body = JSON.stringify([...picture]);
  fetch(sendUrl, { method: "POST", body });
};

source.onmessage = (event) => {
  const bytes = Uint8Array.from(JSON.parse(event.data));
  report([...bytes]);
  source.close();
};
