let socket;
let last = 0; // the number that has arrived

function open() {
  const address = new URL(url);
  address.searchParams.set("from", last);
  socket = new WebSocket(address);

  socket.onmessage = (event) => {
    last = Number(event.data);
    log(last);
  };

  socket.onclose = ({ code }) => {
    log("close:", code);
  };
}

document.addEventListener("visibilitychange", () => {
  log(document.visibilityState, "readyState", socket.readyState);
  if (controls.hidden === "keep") return;
  socket.close(); // also on return: to be hidden may not have been told
  if (!document.hidden) open(); // and go on after the last number
});

open();
