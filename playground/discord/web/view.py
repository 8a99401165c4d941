"""Serve the page and tell it what happens, as server-sent events."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from aiohttp import web

from playground.discord.clock import Clock
from playground.discord.services import view
from playground.discord.services.world import World
from playground.discord.web.reply import as_json

STATIC = Path(__file__).parent.parent / "static"
_TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
# Nothing from outside, nothing inline, and no text may ever become markup.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
# A reader that is this far behind is cut off; its browser comes back and reads everything anew.
_MOST_WAITING = 2000
_PULSE_SECONDS = 15.0


class View:
    """Serve the page for one world."""

    def __init__(self, world: World, clock: Clock) -> None:
        """Listen for what the world has to tell."""
        self.world, self.clock = world, clock
        self.files = {path.name: path.read_bytes() for path in STATIC.iterdir() if path.is_file()}
        # What each reader has still to be told, and whether it wants to hear of requests.
        self.readers: dict[asyncio.Queue[bytes | None], bool] = {}
        world.listeners.append(self._hear)

    def routes(self) -> list[web.RouteDef]:
        """List the page's addresses."""
        return [
            web.get("/", self.channel_page),
            web.get("/requests", self.requests_page),
            web.get("/static/{name}", self.static_file),
            web.get("/view/state", self.state),
            web.get("/view/requests", self.requests),
            web.get("/view/events", self.events),
        ]

    async def channel_page(self, request: web.Request) -> web.Response:
        """Serve the channel."""
        return self._file("channel.html")

    async def requests_page(self, request: web.Request) -> web.Response:
        """Serve the request log."""
        return self._file("requests.html")

    async def static_file(self, request: web.Request) -> web.Response:
        """Serve a style, a script or a picture."""
        return self._file(request.match_info["name"])

    async def state(self, request: web.Request) -> web.Response:
        """Show everything the page needs of one channel."""
        chosen = request.query.get("channel_id")
        return as_json(view.show_state(self.world, chosen, self.clock.now()))

    async def requests(self, request: web.Request) -> web.Response:
        """Show the newest requests."""
        return as_json(view.show_requests(self.world, self.clock.now()))

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Tell a reader what happens until it goes away or falls behind."""
        headers = {"Content-Type": "text/event-stream", **_HEADERS}
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        waiting: asyncio.Queue[bytes | None] = asyncio.Queue(_MOST_WAITING)
        self.readers[waiting] = "requests" in request.query
        try:
            await response.write(b"retry: 1000\n\n")
            while (event := await _next(waiting)) is not None:
                await response.write(event)
        except ConnectionError:
            # The reader went away, which is how every reader ends.
            return response
        finally:
            self.readers.pop(waiting, None)
        return response

    async def stop(self, app: web.Application) -> None:
        """End every reader's stream since the server goes away."""
        for waiting in list(self.readers):
            self._cut_off(waiting)

    def _file(self, name: str) -> web.Response:
        content = self.files.get(name)
        if content is None:
            raise web.HTTPNotFound
        kind = _TYPES[Path(name).suffix]
        headers = {**_HEADERS, "Content-Type": f"{kind}; charset=utf-8"}
        return web.Response(body=content, headers=headers)

    def _hear(self, kind: str, about: object) -> None:
        wanted = [one for one, wants in self.readers.items() if wants == (kind == "request")]
        wanted = list(self.readers) if kind == "reset" else wanted
        if not wanted:
            return
        news = view.show_news(self.world, kind, about, self.clock.now())
        if news is None:
            return
        event = f"data: {json.dumps(news)}\n\n".encode()
        for waiting in wanted:
            if waiting.full():
                self._cut_off(waiting)
            else:
                waiting.put_nowait(event)

    def _cut_off(self, waiting: asyncio.Queue[bytes | None]) -> None:
        self.readers.pop(waiting, None)
        while not waiting.empty():
            waiting.get_nowait()
        waiting.put_nowait(None)


async def _next(waiting: asyncio.Queue[bytes | None]) -> bytes | None:
    try:
        return await asyncio.wait_for(waiting.get(), _PULSE_SECONDS)
    except TimeoutError:
        return b": still here\n\n"
