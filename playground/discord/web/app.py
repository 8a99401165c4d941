"""Put the stand-in together: API, gateway, control endpoints, page and files."""

from __future__ import annotations

from aiohttp import web

from playground.discord.clock import Clock
from playground.discord.core.attachment import MAX_REQUEST_BYTES
from playground.discord.core.refusal import INVALID_VERSION
from playground.discord.options import Options
from playground.discord.services.world import World
from playground.discord.web.control import Control, guard
from playground.discord.web.gateway import Gateway
from playground.discord.web.pipeline import Pipeline
from playground.discord.web.press import Press
from playground.discord.web.reply import as_json
from playground.discord.web.routes import ROUTES, UNKNOWN
from playground.discord.web.view import View

API = "/api/v10"
WORLD = web.AppKey("world", World)
# Everything else is offered for download only, so that no file can run in the page.
_SHOWN_IN_PAGE = ("image/png", "image/jpeg", "image/gif", "image/webp")


def create_app(options: Options) -> web.Application:
    """Build the application for a new world."""
    world, clock = World(options), Clock()
    pipeline = Pipeline(world, clock)
    app = web.Application(client_max_size=MAX_REQUEST_BYTES + 1024, middlewares=[guard])
    app[WORLD] = world
    for route in ROUTES:
        app.router.add_route(route.method, API + route.template, pipeline.endpoint(route))
    app.router.add_route("*", API + "/{path:.*}", pipeline.endpoint(UNKNOWN))
    app.router.add_route("*", "/api/{path:.*}", _refuse_version)
    app.add_routes(Control(world, clock).routes())
    app.add_routes(Press(world, clock).routes())
    gateway = Gateway(world, clock)
    app.add_routes(gateway.routes())
    app.on_shutdown.append(gateway.stop)
    view = View(world, clock)
    app.add_routes(view.routes())
    app.on_shutdown.append(view.stop)
    app.router.add_get("/attachments/{channel_id}/{attachment_id}/{name}", _give_file)
    return app


async def _refuse_version(request: web.Request) -> web.Response:
    return as_json(INVALID_VERSION.body(), INVALID_VERSION.status)


async def _give_file(request: web.Request) -> web.Response:
    upload = request.app[WORLD].files.get(request.match_info["attachment_id"])
    if upload is None:
        raise web.HTTPNotFound
    is_shown = upload.content_type in _SHOWN_IN_PAGE
    headers = {
        "Content-Type": upload.content_type if is_shown else "application/octet-stream",
        "Content-Disposition": "inline" if is_shown else "attachment",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return web.Response(body=upload.data, headers=headers)
