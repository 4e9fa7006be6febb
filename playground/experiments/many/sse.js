const source = new EventSource(url);

source.onmessage = ({ data, lastEventId }) => {
  const { connected, attempts } = JSON.parse(data);
  log(lastEventId, connected, "here,", attempts, "came");
};

source.onerror = () => {
  // When it comes back, and with what, is not in this code:
  // the server has said both, in retry: and in id:.
  const closed = source.readyState === EventSource.CLOSED;
  log("error:", closed ? "closed" : "connecting again");
};
