// Down: an event stream. Up: a POST for every message.
const source = new EventSource(url);

// Every value of a byte, over and over.
const picture = new Uint8Array(controls.size)
  .map((_, i) => i);

const wait = (ms) =>
  new Promise((resume) => setTimeout(resume, ms));

source.onopen = async () => {
  for (let i = 1; i <= controls.messages; i++) {
    // An event is text: bytes have to travel as base64.
    const body = controls.payload === "text"
      ? `${controls.text} ${i}`
      : picture.toBase64();
    await fetch(sendUrl, { method: "POST", body });
    await wait(controls.every);
  }
  source.close();
};

source.onmessage = ({ data }) => {
  if (controls.payload === "text") {
    log(data);
  } else {
    const bytes = Uint8Array.fromBase64(data);
    log(bytes.length, "bytes in", data.length, "characters");
  }
};
