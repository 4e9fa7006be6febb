const request = new AbortController();
let watchdog;

// Fed by every byte, a comment's too.
function alive() {
  clearTimeout(watchdog);
  watchdog = setTimeout(alarm, controls.patience);
}

function alarm() {
  report("alarm");
  request.abort();
}

try {
  const response = await fetch(url, { signal: request.signal });
  log("status", response.status);
  alive();
  for await (const bytes of response.body) {
    alive();
    log(new TextDecoder().decode(bytes).trim());
  }
} catch (error) {
  log(error.name);
}
clearTimeout(watchdog);
