"""Start Drone's stand-in from the command line."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Sequence

from aiohttp import web

from playground.drone.rest.app import create_app
from playground.drone.rest.options import Options, parse_options

_SHUTDOWN_SECONDS = 0.5


def main(arguments: Sequence[str]) -> None:
    """Serve until stopped, after one line that says where."""
    asyncio.run(_serve(parse_options(arguments)))


async def _serve(options: Options) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, stop.set)
    app = create_app(options)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_SHUTDOWN_SECONDS)
    await runner.setup()
    await web.TCPSite(runner, options.host, options.port).start()
    host, port = runner.addresses[0][:2]
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    sys.stdout.write(f"Drone stand-in ready: {address}\n")
    sys.stdout.flush()
    await stop.wait()
    await runner.cleanup()


if __name__ == "__main__":
    main(sys.argv[1:])
