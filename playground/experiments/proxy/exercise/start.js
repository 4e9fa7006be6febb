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
  let text = "";
  const decoder = new TextDecoder();
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      arrivals.push(since());
      text += decoder.decode(value, { stream: true });
    }
    // Some browsers take a connection that broke off for the end.
    whole = text.includes(`data: ${controls.total}\n`);
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
