// Down and up: one socket.
const socket = new WebSocket(url);
const picture = Uint8Array.from({ length: controls.size }, (_, i) => i % 256);
socket.binaryType = "arraybuffer";

socket.onmessage = (event) => {
  if (controls.payload === "text") return log(event.data);
  const bytes = new Uint8Array(event.data);
  log(bytes.length, "bytes, as they are");
};

socket.onopen = async () => {
  for (let i = 1; i <= controls.messages; i++) {
    // A frame says whether it is text or binary: bytes travel as they are.
    const body = controls.payload === "text"
      ? `${controls.text} ${i}`
      : picture;
    socket.send(body);
    await new Promise((resume) => setTimeout(resume, controls.every));
  }
  socket.close(1000);
};
