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

// Whether a WebSocket gets through.
function opens(round) {
  const address = new URL(url.replace("http", "ws").replace("/sse", "/ws"));
  address.searchParams.set("round", round);
  const socket = new WebSocket(address);
  return new Promise((resolve) => {
    socket.onopen = () => {
      resolve(true);
      socket.close();
    };
    socket.onclose = () => resolve(false);
  });
}

async function diagnose(round) {
  if (!(await opens(round))) return "upgrade";
  const { encoding, arrivals, whole, ended } = await look(round);
  log("round", round, { encoding, arrivals, whole, ended });
  const silence = ended - (arrivals.at(-1) ?? 0);
  if (!whole) return silence > 500 ? "idle" : "deadline";
  return encoding === "gzip" ? "gzip" : "buffer";
}

await Promise.all([1, 2, 3].map(async (round) => {
  report({ round, fault: await diagnose(round) });
}));
