"""Put the stand-in together: the API and the control endpoints."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from aiohttp import web

from playground.discord.web.control import Handler, guard
from playground.discord.web.reply import as_json
from playground.drone.rest.control import Control
from playground.drone.rest.options import Options
from playground.drone.rest.passage import Passage
from playground.drone.rest.refusal import Refused
from playground.drone.rest.routes import ROUTES
from playground.drone.rest.world import World

WORLD = web.AppKey("world", World)
_LONGEST_PAUSE_SECONDS = 0.02
_LARGEST_ORDER = 64 * 1024 * 1024


def create_app(options: Options) -> web.Application:
    """Build the application for a new world."""
    world = World(options)
    app = web.Application(client_max_size=_LARGEST_ORDER, middlewares=[guard, _explain])
    app[WORLD] = world
    for route in ROUTES:
        app.router.add_route(route.method, route.template, Passage(world, route).answer)
    app.router.add_get("/healthz", _say_ok)
    app.add_routes(Control(world).routes())
    app.router.add_route("*", "/{path:.*}", Passage(world).answer)
    app.cleanup_ctx.append(_pass_time)
    return app


@web.middleware
async def _explain(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Explain orders about what is not there."""
    try:
        return await handler(request)
    except Refused as refused:
        return as_json({"error": "not_there", "detail": refused.message}, 400)


async def _say_ok(request: web.Request) -> web.Response:
    """Answer as Drone does whatever its state."""
    return web.Response(text="OK")


async def _pass_time(app: web.Application) -> AsyncIterator[None]:
    """Let what is due happen while nobody asks."""
    task = asyncio.create_task(_keep_passing(app[WORLD]))
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    app[WORLD].mailbox.close()


async def _keep_passing(world: World) -> None:
    while True:
        world.pass_by()
        await asyncio.sleep(max(0.001, world.flow.wait_seconds(_LONGEST_PAUSE_SECONDS)))
