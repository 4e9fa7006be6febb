const source = new EventSource(url);
let watchdog;

function alive() {
  clearTimeout(watchdog);
  watchdog = setTimeout(() => {
    report("alarm");
    source.close();
  }, 2200);
}

source.onmessage = alive;
source.addEventListener("heartbeat", alive);
