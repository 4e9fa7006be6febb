const source = new EventSource(url);
let watchdog;

function alive() {
  clearTimeout(watchdog);
  watchdog = setTimeout(() => {
    report("alarm");
    source.close();
  }, 1000);
}

source.onmessage = alive;
