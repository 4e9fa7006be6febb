// A page may offer names of what is spoken on top.
const offered = controls.protocol === "none" ? [] : controls.protocol;
const socket = new WebSocket(url, offered);
socket.binaryType = "arraybuffer";

// Lines of text, or every value of a byte, over and over.
const payload = controls.kind === "text"
  ? "Which of these bits is the FIN?\n".repeat(2200).slice(0, controls.size)
  : new Uint8Array(controls.size).map((_, i) => i);

socket.onopen = () => {
  log("open", socket.protocol, socket.extensions);
  socket.send(payload); // as text, or as binary
};

socket.onmessage = ({ data }) => {
  log(typeof data === "string" ? data.length + " characters" : data);
  try {
    if (controls.code) socket.close(controls.code, controls.reason);
    else socket.close();
  } catch (error) {
    log(error);
    socket.close();
  }
};

socket.onclose = ({ code, reason, wasClean }) => {
  log("close:", code, reason, wasClean ? "clean" : "not clean");
};
