const source = new EventSource(url);
const waiting = []; // has arrived, and is not handled

source.onmessage = ({ data }) => {
  waiting.push(JSON.parse(data));
  if (waiting.length === 1) handleAll();
};

async function handleAll() {
  while (waiting.length > 0) {
    if (controls.busy) calculate(controls.work);
    else await pause(controls.work);
    const { n } = waiting.shift();
    log(n, "waiting:", waiting.length);
  }
}

// Work that keeps the thread: nothing else runs.
function calculate(ms) {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

// Work that somebody else does: events go on coming.
function pause(ms) {
  return new Promise((done) => setTimeout(done, ms));
}
