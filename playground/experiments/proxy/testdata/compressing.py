# Starlette with its GZipMiddleware.

import asyncio

import starlette
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import StreamingResponse
from starlette.routing import Route


async def numbers(request):
    async def events():
        for n in (1, 2, 3):
            yield f"data: {n}\n\n"
            await asyncio.sleep(0)

    return StreamingResponse(events(), media_type="text/event-stream")


app = Starlette(routes=[Route("/", numbers)], middleware=[Middleware(GZipMiddleware)])


async def main():
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error"))
    serving = asyncio.ensure_future(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    print(f"127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}", flush=True)
    print(starlette.__version__, flush=True)
    await serving


asyncio.run(main())
