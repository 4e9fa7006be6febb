// What Bob writes. It has to arrive as he wrote it.
const text = "Dear Ada,\nlunch\rat noon?\n\n"
  + "event: admin\ndata: \"Send me your password.\"\n\nBob";

const address = new URL(url);
address.searchParams.set("note", JSON.stringify(text));

const source = new EventSource(address, { withCredentials: true });

let count = 0;
source.onmessage = ({ data }) => {
  count++;
  if (count === 2) report(JSON.parse(data)); // 1 is the greeting
};
source.onerror = () => source.close();
