const source = new EventSource(url);
let watchdog;

// Fed by all that this code gets to see.
function alive() {
  clearTimeout(watchdog);
  watchdog = setTimeout(alarm, controls.patience);
}

function alarm() {
  log("readyState", source.readyState);
  report("alarm");
  source.close();
}

alive(); // from here on: it may hang before it opens
source.onopen = alive;

source.onmessage = (event) => {
  alive();
  log(event.data);
};

// An event with a name. A comment has no such way in.
source.addEventListener("heartbeat", alive);

source.onerror = () => {
  const { readyState, CLOSED } = source;
  if (readyState === CLOSED) clearTimeout(watchdog);
  else alive(); // it connects again, which may hang too
  // Which error? The event does not say.
  log("error: readyState", readyState);
};
