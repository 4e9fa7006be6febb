# A log that is followed over SSE and over WebSocket, and a page that does both:
#   pip install -r requirements.txt && python main.py
import asyncio
import os
import socket
import sys

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

from log import Log
from sse import PATIENCE, serve_sse
from ws import serve_ws

PORT = int(os.environ.get("PORT", 8000))
LINES = int(os.environ.get("LINES", 100))
EVERY = float(os.environ.get("EVERY", 2000)) / 1000  # seconds
BEAT = float(os.environ.get("BEAT", 1000)) / 1000  # seconds; the page knows it, too
ORIGINS = []  # pages that may connect over WebSocket, beside the server's own: "https://your.site"


class Server(uvicorn.Server):
    """Ends streams and WebSockets when it is asked to end, and their clients come
    back to the next process. One that does not answer is not waited for longer."""

    def __init__(self, config, log):
        super().__init__(config)
        self.log = log

    def handle_exit(self, sig, frame):
        self.log.close()
        asyncio.get_running_loop().call_later(2, os._exit, 0)
        super().handle_exit(sig, frame)


async def refuse(socket):
    await socket.close()


async def publish(log):
    """In place of this, whatever in your program has something to say."""
    while log.last < log.of:
        await asyncio.sleep(EVERY)
        log.publish(f"package {log.last + 1}: ok")


async def main():
    log = Log(LINES)
    app = Starlette(
        routes=[
            Route("/sse", serve_sse(log, BEAT), methods=["GET"]),
            WebSocketRoute("/ws", serve_ws(log, BEAT, ORIGINS)),
            WebSocketRoute("/{path:path}", refuse),  # StaticFiles is not made for them
            Mount("/", StaticFiles(directory="page", html=True)),
        ]
    )
    listener = socket.create_server(("127.0.0.1", PORT))
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # for a client to acknowledge what was sent; Linux
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, PATIENCE * 1000)
    print(f"open http://127.0.0.1:{listener.getsockname()[1]}", file=sys.stderr, flush=True)

    publishing = asyncio.create_task(publish(log))
    # uvicorn pings by itself, and closes the WebSocket of a client that does not answer.
    config = uvicorn.Config(app, ws_max_size=64 * 1024, ws_ping_interval=30, ws_ping_timeout=PATIENCE, log_level="warning")
    await Server(config, log).serve(sockets=[listener])
    publishing.cancel()


asyncio.run(main())
