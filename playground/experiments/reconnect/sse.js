const source = new EventSource(url);

source.onmessage = (event) => {
  log(event.data, "id", event.lastEventId);
};

source.onerror = () => {
  // It reconnects by itself, as long as it is not closed.
  const closed = source.readyState === EventSource.CLOSED;
  log("error:", closed ? "closed" : "connecting again");
};
