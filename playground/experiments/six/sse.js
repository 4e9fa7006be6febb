// Each tab that is open has a stream of its own.
for (let tab = 1; tab <= controls.streams; tab++) {
  const source = new EventSource(`${url}&topics=tab-${tab}`);

  // Once: after a drop the stream opens again.
  source.addEventListener("open", () => {
    log(`tab ${tab}: open`);
    if (tab === 1) setTimeout(save, controls.every);
  }, { once: true });

  source.onerror = () => {
    const closed = source.readyState === EventSource.CLOSED;
    log(`tab ${tab}:`, closed ? "refused" : "connecting again");
  };

  source.addEventListener("done", () => {
    source.close();
    log(`tab ${tab}: closed`);
  });
}

// Somebody presses Save in the first tab: a request of its own.
async function save() {
  const response = await fetch(sendUrl, {
    method: "POST", body: "save",
  });
  log(response.ok ? "saved" : `not saved: ${response.status}`);
}
