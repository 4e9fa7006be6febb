const source = new EventSource(url);
let sum = 0;

source.onmessage = ({ data }) => {
  sum += Number(data);
};

source.onerror = () => {
  source.close();
  report(sum);
};
