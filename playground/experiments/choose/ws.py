# The log in Python, with Starlette (FastAPI has the same WebSocket):
#   pip install starlette uvicorn websockets && uvicorn ws:app --port 3000
import asyncio

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect

from sse import BEAT_AFTER, EVERY, TOTAL, line_of


async def send_lines(socket, last):
    for n in range(last + 1, TOTAL + 1):
        wait = EVERY
        while wait > BEAT_AFTER:
            await asyncio.sleep(BEAT_AFTER)
            wait -= BEAT_AFTER
            await socket.send_text('{"beat":true}')
        await asyncio.sleep(wait)
        await socket.send_text(line_of(n))
    await socket.close(1000, "that was all")  # don't come back


async def log(socket):
    given = socket.query_params.get("from", "")
    last = int(given) if given.isascii() and given.isdigit() else 0
    await socket.accept()  # Starlette does not look at the Origin: do it here
    sending = asyncio.create_task(send_lines(socket, last))
    try:
        while True:
            await socket.receive_text()  # only this tells that the client has left
    except WebSocketDisconnect:
        pass
    finally:
        sending.cancel()


app = Starlette(routes=[WebSocketRoute("/{path:path}", log)])
