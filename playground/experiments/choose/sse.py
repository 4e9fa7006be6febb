# The log in Python, with Starlette (FastAPI has the same StreamingResponse):
#   pip install starlette uvicorn && uvicorn sse:app --port 3000
import asyncio
import json

from starlette.applications import Starlette
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

TOTAL = 12
EVERY = 0.4  # seconds
BEAT_AFTER = 1.0  # seconds without a line


def line_of(n):
    line = {"line": n, "of": TOTAL, "text": f"package {n}: ok"}
    return json.dumps(line, separators=(",", ":"))


async def lines(last):
    yield "retry: 1000\n\n"
    for n in range(last + 1, TOTAL + 1):
        wait = EVERY
        while wait > BEAT_AFTER:
            await asyncio.sleep(BEAT_AFTER)
            wait -= BEAT_AFTER
            yield "event: beat\ndata: \n\n"
        await asyncio.sleep(wait)
        yield f"id: {n}\ndata: {line_of(n)}\n\n"


async def log(request):
    given = request.headers.get("last-event-id") or request.query_params.get("from") or ""
    last = int(given) if given.isascii() and given.isdigit() else 0
    if last >= TOTAL:
        return Response(status_code=204)  # that was all: don't come back
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(lines(last), media_type="text/event-stream", headers=headers)


app = Starlette(routes=[Route("/{path:path}", log)])
