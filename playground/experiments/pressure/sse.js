const source = new EventSource(url);
const unhandled = []; // has arrived, and is not handled

source.onmessage = ({ data }) => {
  unhandled.push(JSON.parse(data));
  if (unhandled.length === 1) handleAll();
};

async function handleAll() {
  while (unhandled.length > 0) {
    if (controls.busy) calculate(controls.work);
    else await pause(controls.work);
    const { n, waiting } = unhandled.shift();
    log(n, "waiting:", waiting, "unhandled:", unhandled.length);
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
