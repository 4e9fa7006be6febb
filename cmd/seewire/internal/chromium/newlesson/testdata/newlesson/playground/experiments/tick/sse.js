const source = new EventSource(url);

source.onmessage = ({ data }) => {
  log(data);
};

source.onerror = () => {
  source.close();
};
