import asyncio
from collections import deque

KEPT = 1000  # lines: a client that was away for longer sees the gap by their numbers


class Log:
    """Keeps the lines that a program publishes, for clients that come later or come back."""

    def __init__(self, of):
        self.of = of  # how many lines there will be
        self.last = 0  # number of the newest
        self.lines = deque(maxlen=KEPT)
        self.more = asyncio.Event()  # set by the next publish
        self.closing = False

    def publish(self, text):
        self.last += 1
        self.lines.append({"line": self.last, "of": self.of, "text": text})
        self.wake()

    def wake(self):
        self.more.set()
        self.more = asyncio.Event()

    def after(self, n):
        """The lines after line n, and an event that is set when there are more.

        Nothing is awaited here, so nothing is published in between.
        """
        return [line for line in self.lines if line["line"] > n], self.more

    def had(self, connection):
        """The number of the line that a client had last, 0 for none.

        EventSource says it in Last-Event-ID, other clients in the URL. It is
        input: a number that the log never gave is none.
        """
        given = connection.headers.get("last-event-id") or connection.query_params.get("from", "")
        n = int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0
        return 0 if n > self.last else n

    def close(self):
        """Ends what follows the log: the server is restarting."""
        self.closing = True
        self.wake()


async def wait(event, seconds):
    """Waits for an event, and says whether it came in time."""
    try:
        await asyncio.wait_for(event.wait(), seconds)
        return True
    except asyncio.TimeoutError:
        return False
