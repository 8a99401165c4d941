"""Offer the control endpoints, where tests and the page order what real life would bring."""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from aiohttp import web

from playground.discord.clock import Clock
from playground.discord.core.journal import Entry
from playground.discord.services import control, person
from playground.discord.services.order import BadOrder, Order, read_fault
from playground.discord.services.world import World
from playground.discord.web.reply import as_json

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
# What a bridge calls, by whatever name it reaches us.
_API = ("/api/", "/gateway")


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Keep other sites' pages out of what is not the API, and explain bad orders."""
    if not request.path.startswith(_API) and not _is_loopback(request.host):
        return as_json({"error": "foreign_host", "detail": "ask for localhost or 127.0.0.1"}, 403)
    if not request.path.startswith("/control/"):
        return await handler(request)
    origin = request.headers.get("Origin")
    if origin is not None and origin != f"http://{request.host}":
        return as_json({"error": "foreign_origin", "detail": f"{origin} may not do this"}, 403)
    try:
        return await handler(request)
    except BadOrder as error:
        return as_json({"error": "bad_order", "detail": str(error)}, 400)
    except ValueError as error:
        return as_json({"error": "bad_json", "detail": str(error)}, 400)


@dataclass(frozen=True, slots=True)
class Control:
    """Answer the control endpoints for one world."""

    world: World
    clock: Clock

    def routes(self) -> list[web.RouteDef]:
        """List the endpoints."""
        return [
            web.post("/control/reset", self.reset),
            web.get("/control/clock", self.show_clock),
            web.post("/control/clock", self.set_clock),
            web.get("/control/limits", self.show_limits),
            web.patch("/control/limits", self.set_limits),
            web.put("/control/token", self.set_token),
            web.get("/control/channels", self.list_channels),
            web.put("/control/channels/{channel_id}", self.set_channel),
            web.delete("/control/channels/{channel_id}", self.remove_channel),
            web.get("/control/faults", self.list_faults),
            web.post("/control/faults", self.add_fault),
            web.delete("/control/faults", self.clear_faults),
            web.delete("/control/faults/{fault_id}", self.clear_faults),
            web.get("/control/messages", self.list_messages),
            web.post("/control/messages", self.write_message),
            web.delete("/control/messages/{message_id}", self.delete_message),
            web.get("/control/requests", self.list_requests),
            web.get("/control/refusals", self.list_refusals),
            web.get("/control/counts", self.show_counts),
            web.get("/control/commands", self.list_commands),
            web.post("/control/interactions", self.make_interaction),
            web.get("/control/interactions/{token}", self.show_interaction),
        ]

    async def reset(self, request: web.Request) -> web.Response:
        """Put everything back to the start."""
        self.clock.offset_seconds = 0.0
        self.world.reset()
        return web.Response(status=204)

    async def show_clock(self, request: web.Request) -> web.Response:
        """Tell the stand-in's time."""
        return as_json({"now": self.clock.now(), "offset_seconds": self.clock.offset_seconds})

    async def set_clock(self, request: web.Request) -> web.Response:
        """Advance the clock, or set how far it is off."""
        order = Order(await request.json(), ("advance_seconds", "offset_seconds"))
        offset = order.seconds("offset_seconds", self.clock.offset_seconds)
        self.clock.offset_seconds = offset + order.seconds("advance_seconds")
        self.world.tell("clock", None)
        return await self.show_clock(request)

    async def show_limits(self, request: web.Request) -> web.Response:
        """Show the limits in force."""
        return as_json(control.show_limits(self.world))

    async def set_limits(self, request: web.Request) -> web.Response:
        """Change limits."""
        return as_json(control.set_limits(self.world, await request.json()))

    async def set_token(self, request: web.Request) -> web.Response:
        """Revoke the bot's token, or make it valid again."""
        order = Order(await request.json(), ("revoked",))
        self.world.is_token_revoked = order.flag("revoked", default=False)
        self.world.tell("token", None)
        return as_json({"revoked": self.world.is_token_revoked})

    async def list_channels(self, request: web.Request) -> web.Response:
        """Show all channels."""
        channels = self.world.guild.channels.values()
        return as_json([control.show_channel(self.world, one) for one in channels])

    async def set_channel(self, request: web.Request) -> web.Response:
        """Make or change a channel."""
        channel_id = request.match_info["channel_id"]
        return as_json(control.set_channel(self.world, channel_id, await request.json()))

    async def remove_channel(self, request: web.Request) -> web.Response:
        """Delete a channel."""
        control.remove_channel(self.world, request.match_info["channel_id"])
        return web.Response(status=204)

    async def list_faults(self, request: web.Request) -> web.Response:
        """Show the ordered faults, over or not."""
        return as_json([control.show_fault(one) for one in self.world.faults.ordered])

    async def add_fault(self, request: web.Request) -> web.Response:
        """Order a fault."""
        faults = self.world.faults
        faults.count += 1
        fault = read_fault(await request.json(), str(faults.count), self.clock.now())
        faults.add(fault)
        return as_json(control.show_fault(fault), 201)

    async def clear_faults(self, request: web.Request) -> web.Response:
        """Clear one fault or all."""
        chosen = request.match_info.get("fault_id")
        faults = self.world.faults
        faults.ordered = [one for one in faults.ordered if chosen not in (None, one.id)]
        return web.Response(status=204)

    async def list_messages(self, request: web.Request) -> web.Response:
        """Show all messages in the order of creation, deleted ones and all versions included."""
        chosen = request.query.get("channel_id")
        messages = self.world.store.messages.values()
        found = [one for one in messages if chosen in (None, one.channel_id)]
        return as_json([control.show_message(one) for one in found])

    async def write_message(self, request: web.Request) -> web.Response:
        """Let a person write."""
        message = person.write_as_person(self.world, await request.json(), self.clock.now())
        return as_json(control.show_message(message), 201)

    async def delete_message(self, request: web.Request) -> web.Response:
        """Let a person delete."""
        message_id = request.match_info["message_id"]
        person.delete_as_person(self.world, message_id, self.clock.now())
        return web.Response(status=204)

    async def list_requests(self, request: web.Request) -> web.Response:
        """Show the request log from old to new."""
        return as_json(_chosen(list(self.world.journal.entries), request))

    async def list_refusals(self, request: web.Request) -> web.Response:
        """Show the requests whose payload was refused."""
        return as_json(_chosen(list(self.world.journal.refusals), request))

    async def show_counts(self, request: web.Request) -> web.Response:
        """Sum everything up."""
        world = self.world
        counts = world.journal.counts(self.clock.now())
        return as_json(
            {**counts, **world.tally, "forgotten_messages": world.store.forgotten_messages}
        )

    async def list_commands(self, request: web.Request) -> web.Response:
        """Show the registered commands of every scope."""
        scopes = self.world.commands.items()
        return as_json({scope: list(stored.values()) for scope, stored in scopes})

    async def make_interaction(self, request: web.Request) -> web.Response:
        """Let a person press a button or run a command; gives the body to be signed."""
        made = person.make_interaction(self.world, await request.json(), self.clock.now())
        return as_json(made, 201)

    async def show_interaction(self, request: web.Request) -> web.Response:
        """Show what became of an interaction."""
        return as_json(person.show_interaction(self.world, request.match_info["token"]))


def _is_loopback(host: str) -> bool:
    """Tell whether a request was meant for this machine: a stranger's name may lead here too."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _chosen(entries: list[Entry], request: web.Request) -> list[dict[str, object]]:
    query = request.query
    after, limit = int(query.get("after", "0")), int(query.get("limit", "100000"))
    found = [
        entry
        for entry in entries
        if entry.number > after
        and query.get("method") in (None, entry.method)
        and query.get("route") in (None, entry.route)
    ]
    return [entry.to_json() for entry in found[:limit]]
