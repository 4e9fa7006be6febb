const socket = new WebSocket(url);
let watchdog, pings;

// Fed by all that this code gets to see.
function alive() {
  clearTimeout(watchdog);
  watchdog = setTimeout(alarm, controls.patience);
}

function alarm() {
  const { readyState, bufferedAmount } = socket;
  log("readyState", readyState, "bufferedAmount", bufferedAmount);
  report("alarm");
  clearInterval(pings);
  socket.close();
}

alive(); // from here on: it may hang before it opens

socket.onopen = () => {
  alive();
  // Ping frames can't be sent from here: this is a message.
  if (controls.heartbeat !== "message") return;
  pings = setInterval(() => socket.send("ping"), controls.interval);
};

socket.onmessage = (event) => {
  alive();
  log(event.data);
};

socket.onclose = ({ code, wasClean }) => {
  clearTimeout(watchdog);
  clearInterval(pings);
  log("close:", code, wasClean ? "clean" : "not clean");
};
