const socket = new WebSocket(url);
let newest; // the price to act on next, if any
let acting = false;

socket.onmessage = ({ data }) => {
  newest = JSON.parse(data);
  if (!acting) actOnNewest();
};

async function actOnNewest() {
  acting = true;
  while (newest) {
    const price = newest;
    newest = undefined;
    await act(price);
  }
  acting = false;
}

// Leave this as it is: buying and selling takes time.
async function act({ n }) {
  await new Promise((done) => setTimeout(done, controls.work));
  report(n);
}
