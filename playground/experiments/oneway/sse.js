// Down: an event stream. Up: a POST for every message.
const source = new EventSource(url);

// Every value of a byte, over and over.
const picture = new Uint8Array(controls.size)
  .map((_, i) => i);

const wait = (ms) =>
  new Promise((resume) => setTimeout(resume, ms));

// Once: after a drop the stream opens again, and what
// was sent has been sent.
source.addEventListener("open", send, { once: true });

let sent = 0, received = 0;

async function send() {
  while (sent < controls.messages) {
    sent++;
    // An event is text: bytes have to travel as base64.
    const body = controls.payload === "text"
      ? `${controls.text} ${sent}`
      : picture.toBase64();
    const response = await fetch(sendUrl, {
      method: "POST", body,
    });
    if (!response.ok) {
      log("not taken:", response.status);
      source.close();
      return;
    }
    await wait(controls.every);
  }
}

source.onmessage = ({ data }) => {
  if (controls.payload === "text") {
    log(data);
  } else {
    const bytes = Uint8Array.fromBase64(data);
    log(bytes.length, "bytes in", data.length, "characters");
  }
  received++;
  const isAll = sent === controls.messages && received >= sent;
  if (isAll) source.close();
};

source.onerror = () => {
  const closed = source.readyState === EventSource.CLOSED;
  log("error:", closed ? "closed" : "connecting again");
};
