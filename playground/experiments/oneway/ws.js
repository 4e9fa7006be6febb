// Down and up: one WebSocket.
const socket = new WebSocket(url);
socket.binaryType = "arraybuffer";

// Every value of a byte, over and over.
const picture = new Uint8Array(controls.size)
  .map((_, i) => i);

const wait = (ms) =>
  new Promise((resume) => setTimeout(resume, ms));

socket.onopen = async () => {
  for (let i = 1; i <= controls.messages; i++) {
    // A frame is text or binary: bytes travel as they are.
    const body = controls.payload === "text"
      ? `${controls.text} ${i}`
      : picture;
    if (socket.readyState !== WebSocket.OPEN) return;
    socket.send(body);
    await wait(controls.every);
  }
  socket.close(1000);
};

socket.onmessage = ({ data }) => {
  if (controls.payload === "text") {
    log(data);
  } else {
    const bytes = new Uint8Array(data);
    log(bytes.length, "bytes");
  }
};

socket.onclose = ({ code, reason }) => {
  if (code !== 1000) log("close:", code, reason);
};
