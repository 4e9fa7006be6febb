const source = new EventSource(url);
const picture = Uint8Array.from({ length: controls.size }, (_, i) => i % 256);

source.onopen = () => {
  const body = btoa(String.fromCharCode(...picture));
  fetch(sendUrl, { method: "POST", body });
};

source.onmessage = (event) => {
  const bytes = Uint8Array.from(atob(event.data), (c) => c.charCodeAt(0));
  report([...bytes]);
  source.close();
};
