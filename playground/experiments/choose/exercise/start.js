// The feature used to run over SSE. A colleague moved it to a WebSocket, and it
// worked on her machine.
function follow(onLine) {
  const socket = new WebSocket(url);
  socket.onmessage = ({ data }) => {
    const item = JSON.parse(data);
    if (!item.beat) onLine(item);
  };
}

follow(({ line }) => report(line));
