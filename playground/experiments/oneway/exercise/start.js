const source = new EventSource(url);

// Every value of a byte, over and over.
const picture = new Uint8Array(controls.size)
  .map((_, i) => i);

source.onopen = () => {
  const body = JSON.stringify([...picture]);
  fetch(sendUrl, { method: "POST", body });
};

source.onmessage = (event) => {
  const bytes = JSON.parse(event.data);
  report([...bytes]);
  source.close();
};
