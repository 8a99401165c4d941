"""Listen on loopback until told to stop."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable

from aiohttp import web

from playground.discord.options import Options
from playground.discord.web.app import WORLD, create_app

_SHUTDOWN_SECONDS = 0.5


async def serve(options: Options, tell: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT; *tell* hears the address once it is listening."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, stop.set)
    runner = await start(create_app(options), options)
    tell(runner.app[WORLD].base_url)
    await stop.wait()
    await runner.cleanup()


async def start(app: web.Application, options: Options) -> web.AppRunner:
    """Start listening, and tell the world its address."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_SHUTDOWN_SECONDS)
    await runner.setup()
    await web.TCPSite(runner, options.host, options.port).start()
    host, port = runner.addresses[0][:2]
    app[WORLD].base_url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    return runner
