import asyncio
import json

from log import wait

PATIENCE = 10  # seconds for a client to take one write


async def send_lines(log, last, beat, socket):
    """Sends the lines after the one that the client had last, and a beat whenever
    there has been nothing to send for a while."""

    async def send(text):
        await asyncio.wait_for(socket.send_text(text), PATIENCE)

    while not log.closing:
        lines, more = log.after(last)
        for line in lines:
            last = line["line"]
            await send(json.dumps(line, separators=(",", ":")))
        if last == log.of:
            await socket.close(1000, "that was all")  # don't come back
            return
        if not await wait(more, beat):
            await send('{"beat":true}')  # a message, not a ping: the page's watchdog is to see it
    await socket.close(1001, "the server is restarting")


def allows(socket, origins):
    """Any page may ask for a WebSocket, with this server's cookies. What has no
    Origin is no page."""
    origin, host = socket.headers.get("origin"), socket.headers.get("host")
    return origin is None or origin in [f"http://{host}", f"https://{host}", *origins]


def serve_ws(log, beat, origins):
    async def serve(socket):
        if not allows(socket, origins):
            await socket.close()  # before accept: 403
            return
        last = log.had(socket)
        await socket.accept()
        sending = asyncio.create_task(send_lines(log, last, beat, socket))
        receiving = asyncio.create_task(socket.receive())  # only this tells that the client has left
        try:
            await asyncio.wait({sending, receiving}, return_when=asyncio.FIRST_COMPLETED)
            if not sending.done() and receiving.result()["type"] == "websocket.receive":
                sending.cancel()
                await socket.close(1008, "nothing goes up here")
        finally:
            sending.cancel()
            receiving.cancel()
            await asyncio.gather(sending, receiving, return_exceptions=True)

    return serve
