let last = 0;

function open() {
  const socket = new WebSocket(url);

  socket.onmessage = (event) => {
    last = Number(event.data);
    report(last);
  };
}

document.addEventListener("visibilitychange", () => {
  log(document.visibilityState);
});

open();
