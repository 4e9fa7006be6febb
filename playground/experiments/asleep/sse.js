let source;
let last = 0; // the number that has arrived

function open() {
  const address = new URL(url);
  address.searchParams.set("from", last);
  const own = new EventSource(address);
  source = own;

  source.onmessage = (event) => {
    // WebKit opens one again that was closed.
    if (own !== source) return own.close();
    last = Number(event.data);
    log(last);
  };

  source.onerror = () => {
    log("error: readyState", source.readyState);
  };
}

document.addEventListener("visibilitychange", () => {
  log(document.visibilityState, "readyState", source.readyState);
  if (controls.hidden === "keep") return;
  source.close(); // also on return: to be hidden may not have been told
  if (!document.hidden) open(); // and go on after the last number
});

open();
