const socket = new WebSocket(url, controls.protocol);
socket.binaryType = "arraybuffer";

const line = "Which of these bits is the FIN?\n";
const payload = controls.kind === "text"
  ? line.repeat(2200).slice(0, controls.size)
  : new Uint8Array(controls.size).map((_, i) => i);

socket.onopen = () => {
  log("open", socket.protocol, socket.extensions);
  setTimeout(() => socket.send(payload), 200);
};

socket.onmessage = ({ data }) => {
  log(data.length ?? data);
  setTimeout(close, 200);
};

function close() {
  const { code, reason } = controls;
  try {
    if (code) socket.close(code, reason);
    else socket.close();
  } catch (error) {
    log(error);
    socket.close();
  }
}

socket.onclose = ({ code, reason, wasClean }) => {
  log("close:", code, reason, wasClean ? "clean" : "not clean");
};
