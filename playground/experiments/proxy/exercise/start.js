// What a page can see of one stream.
async function look(round) {
  const address = new URL(url);
  address.searchParams.set("round", round);
  const response = await fetch(address);
  const encoding = response.headers.get("Content-Encoding");
  const reader = response.body.getReader();
  const arrivals = []; // ms after the head
  const begun = performance.now();
  const since = () => Math.round(performance.now() - begun);
  let whole = false;
  try {
    while (!(await reader.read()).done) arrivals.push(since());
    whole = true;
  } catch {
    // The connection broke off.
  }
  return { encoding, arrivals, whole, ended: since() };
}

async function diagnose(round) {
  const seen = await look(round);
  log("round", round, seen);
  return "buffer"; // or "gzip", "idle", "upgrade", "deadline"
}

await Promise.all([1, 2, 3].map(async (round) => {
  report({ round, fault: await diagnose(round) });
}));
