const socket = new WebSocket(url);
const waiting = [];

socket.onmessage = ({ data }) => {
  waiting.push(JSON.parse(data));
  if (waiting.length === 1) actOnAll();
};

async function actOnAll() {
  while (waiting.length > 0) {
    await act(waiting[0]);
    waiting.shift();
  }
}

// Leave this as it is: buying and selling takes time.
async function act({ n }) {
  await new Promise((done) => setTimeout(done, controls.work));
  report(n);
}
