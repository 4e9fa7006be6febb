// Each tab that is open has a stream of its own.
for (let tab = 1; tab <= controls.streams; tab++) {
  const source = new EventSource(`${url}&topics=tab-${tab}`);

  source.onopen = () => {
    log(`tab ${tab}: open`);
    if (tab === 1) setTimeout(save, controls.every);
  };

  source.addEventListener("done", () => {
    source.close();
    log(`tab ${tab}: closed`);
  });
}

// Somebody presses Save in the first tab: a request of its own.
async function save() {
  await fetch(sendUrl, { method: "POST", body: "save" });
  log("saved");
}
