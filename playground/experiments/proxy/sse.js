const source = new EventSource(url);

source.onopen = () => {
  log("open");
};

source.onmessage = (event) => {
  log(event.data);
};

source.onerror = () => {
  const closed = source.readyState === EventSource.CLOSED;
  log("error:", closed ? "closed" : "connecting again");
};
