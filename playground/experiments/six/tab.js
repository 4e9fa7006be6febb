// Every tab of a site runs this. One of them holds the stream,
// and tells the others what comes.
export function share(url, { received, leading }) {
  let last = 0; // number received, by any of the tabs

  function take(number) {
    if (number <= last) return; // one that a new stream repeats
    last = number;
    received(number);
  }

  // Until the page is left: a closed tab, or one that the browser
  // keeps for its back button, can't hold the stream.
  function join() {
    const left = new AbortController();
    const { signal } = left;
    addEventListener("pagehide", () => left.abort(), { once: true });

    const channel = new BroadcastChannel(url);
    channel.onmessage = ({ data }) => take(data);
    signal.addEventListener("abort", () => channel.close());

    // One tab has the lock, until its promise is fulfilled. Then
    // the next in line gets it, and goes on after the last number.
    const lead = () => new Promise((release) => {
      leading(true);
      const close = hold(channel);
      signal.addEventListener("abort", () => {
        close();
        leading(false);
        release();
      });
    });
    navigator.locks.request(url, { signal }, lead)
      .catch(() => {}); // left while it stood in line
  }

  // Holds the stream. Returns what closes it.
  function hold(channel) {
    let source, retry;
    let failures = 0;

    function open() {
      source = new EventSource(`${url}&from=${last}`);
      source.onmessage = ({ data }) => {
        failures = 0;
        const number = Number(data);
        take(number);
        channel.postMessage(number); // to every tab but this one
      };
      source.onerror = () => {
        // A drop it mends by itself. After a 502 it never would.
        if (source.readyState !== EventSource.CLOSED) return;
        const longest = Math.min(30_000, 1000 * 2 ** failures++);
        retry = setTimeout(open, longest * Math.random());
      };
    }

    open();
    return () => {
      clearTimeout(retry);
      source.close();
    };
  }

  join();
  addEventListener("pageshow", ({ persisted }) => {
    if (persisted) join(); // the back button brought it back
  });
}
