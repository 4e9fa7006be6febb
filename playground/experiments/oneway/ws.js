// Down and up: one WebSocket.
const socket = new WebSocket(url);
socket.binaryType = "arraybuffer";

// Every value of a byte, over and over.
const picture = new Uint8Array(controls.size)
  .map((_, i) => i);

const wait = (ms) =>
  new Promise((resume) => setTimeout(resume, ms));

let sent = 0, received = 0;

socket.onopen = async () => {
  while (sent < controls.messages) {
    if (socket.readyState !== WebSocket.OPEN) return;
    sent++;
    // A frame is text or binary: bytes travel as they are.
    const body = controls.payload === "text"
      ? `${controls.text} ${sent}`
      : picture;
    socket.send(body);
    await wait(controls.every);
  }
};

socket.onmessage = ({ data }) => {
  if (controls.payload === "text") {
    log(data);
  } else {
    const bytes = new Uint8Array(data);
    log(bytes.length, "bytes");
  }
  received++;
  const isAll = sent === controls.messages && received >= sent;
  if (isAll) socket.close(1000);
};

socket.onclose = ({ code, reason }) => {
  if (code !== 1000) log("close:", code, reason);
};
