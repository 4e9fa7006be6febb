import asyncio
import json
import random
import time

from starlette.responses import Response, StreamingResponse

from log import wait

PATIENCE = 10  # seconds for a client to take one write
LONGEST = 15 * 60  # seconds: the client comes back, unless it has gone without a word


async def events(log, last, beat):
    """The lines after the one that the client had last, and a beat whenever there
    has been nothing to send for a while."""
    end = time.monotonic() + LONGEST
    # Each client has a wait of its own, or all would come back at once.
    yield f"retry: {random.randrange(500, 1000)}\n\n"
    while time.monotonic() < end and not log.closing:
        lines, more = log.after(last)
        for line in lines:
            last = line["line"]
            yield f"id: {last}\ndata: {json.dumps(line, separators=(',', ':'))}\n\n"
        if last == log.of:
            yield "event: end\ndata: \n\n"  # without it the client would come back for more
            return
        if not await wait(more, beat):
            yield "event: beat\ndata: \n\n"  # an event, not a comment: the page's watchdog is to see it


class EventStream(StreamingResponse):
    """Gives up on a client that does not read."""

    async def stream_response(self, send):
        async def send_in_time(message):
            await asyncio.wait_for(send(message), PATIENCE)

        try:
            await super().stream_response(send_in_time)
        except asyncio.TimeoutError:
            pass  # TCP lets go of what is on its way: main.py


def serve_sse(log, beat):
    async def serve(request):
        last = log.had(request)
        if last == log.of:
            return Response(status_code=204)  # that was all: don't come back
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return EventStream(events(log, last, beat), media_type="text/event-stream", headers=headers)

    return serve
