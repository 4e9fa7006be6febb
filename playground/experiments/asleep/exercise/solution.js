let socket;
let last = 0;

function open() {
  const address = new URL(url);
  address.searchParams.set("from", last);
  socket = new WebSocket(address);

  socket.onmessage = (event) => {
    last = Number(event.data);
    report(last);
  };
}

document.addEventListener("visibilitychange", () => {
  socket.close();
  if (!document.hidden) open();
});

open();
