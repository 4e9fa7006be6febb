// With credentials: this server's cookies go along.
const source = new EventSource(url, { withCredentials: true });

source.onmessage = ({ data }) => log(data);

// No line of the server sends an event of this type.
source.addEventListener("admin", ({ data }) => log("ADMIN:", data));

// Once: after a drop the stream opens again.
source.addEventListener("open", reply, { once: true });

async function reply() {
  const response = await fetch(sendUrl, {
    method: "POST",
    body: "x".repeat(controls.size),
    credentials: "include",
  });
  log(response.status, await response.text());
}

source.onerror = () => {
  // CONNECTING: the stream is over. CLOSED: the page
  // may not have it, and is not told why.
  const { readyState, CLOSED } = source;
  log(readyState === CLOSED ? "kept from this page" : "over");
  source.close();
};
