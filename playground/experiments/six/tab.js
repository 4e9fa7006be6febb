// Every tab of a site runs this. One of them holds the stream,
// and tells the others what comes.
export function share(url, { received, leading }) {
  const channel = new BroadcastChannel(url);
  let last = 0; // number received, by any of the tabs

  function take(number) {
    last = number;
    received(number);
  }

  channel.onmessage = ({ data }) => take(data);

  // One tab has the lock. When that is gone, the next in line
  // gets it, and goes on after the last number.
  navigator.locks.request(url, () => {
    leading();
    const source = new EventSource(`${url}&from=${last}`);

    source.onmessage = ({ data }) => {
      const number = Number(data);
      take(number);
      channel.postMessage(number); // to every tab but this one
    };

    // The lock is held until this is fulfilled.
    return new Promise((release) => {
      addEventListener("pagehide", () => {
        source.close();
        release();
      });
    });
  });
}
