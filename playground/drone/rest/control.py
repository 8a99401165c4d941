"""Offer the control endpoints, where tests order what real life would bring."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from math import inf

from aiohttp import web

from playground.discord.services.order import Order
from playground.discord.web.reply import as_json
from playground.drone.rest import manage
from playground.drone.rest.world import World

_PATIENCE_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Control:
    """Answer the control endpoints for one world."""

    world: World

    def routes(self) -> list[web.RouteDef]:
        """List the endpoints."""
        build = "/control/builds/{namespace}/{name}/{number}"
        return [
            web.post("/control/reset", self.reset),
            web.get("/control/time", self.show_time),
            web.patch("/control/time", self.set_time),
            web.post("/control/time", self.leap),
            web.get("/control/webhooks", self.list_webhooks),
            web.put("/control/webhooks", self.set_webhooks),
            web.post("/control/scenarios", self.play),
            web.post("/control/builds", self.add_build),
            web.patch(build, self.edit_build),
            web.delete(build, self.forget_build),
            web.put(build + "/logs/{stage}/{step}", self.set_log),
            web.delete(build + "/logs/{stage}/{step}", self.forget_log),
            web.put("/control/repos/{namespace}/{name}", self.set_repo),
            web.delete("/control/repos/{namespace}/{name}", self.forget_repo),
            web.put("/control/accounts/{login}", self.set_account),
            web.get("/control/faults", self.list_faults),
            web.post("/control/faults", self.add_fault),
            web.delete("/control/faults", self.clear_faults),
            web.delete("/control/faults/{fault_id}", self.clear_faults),
            web.get("/control/requests", self.list_requests),
            web.get("/control/counts", self.show_counts),
        ]

    async def reset(self, request: web.Request) -> web.Response:
        """Put everything back to the start."""
        self.world.reset()
        return web.Response(status=204)

    async def show_time(self, request: web.Request) -> web.Response:
        """Tell Drone's time."""
        self.world.pass_by()
        return as_json(manage.show_time(self.world))

    async def set_time(self, request: web.Request) -> web.Response:
        """Change the speed."""
        order = Order(await request.json(), ("speed",))
        self.world.pass_by()
        self.world.flow.set_speed(order.seconds("speed"))
        return as_json(manage.show_time(self.world))

    async def leap(self, request: web.Request) -> web.Response:
        """Let simulated seconds pass at once, or all that is left to happen."""
        order = Order(await request.json(), ("seconds", "lost"))
        self.world.pass_by()
        seconds = order.seconds("seconds", inf)
        self.world.leap(seconds, is_lost=order.flag("lost", default=False))
        return as_json(manage.show_time(self.world))

    async def list_webhooks(self, request: web.Request) -> web.Response:
        """Show what was sent or lost, after what is on its way was answered."""
        self.world.pass_by()
        mailbox = self.world.mailbox
        if mailbox.last is not None:
            await asyncio.wait([asyncio.wrap_future(mailbox.last)], timeout=_PATIENCE_SECONDS)
        return as_json([sent.to_json() for sent in mailbox.sent])

    async def set_webhooks(self, request: web.Request) -> web.Response:
        """Change where webhooks go, who signs them, or whether they are lost."""
        order = Order(await request.json(), ("endpoint", "secret", "lost"))
        self.world.pass_by()
        mailbox = self.world.mailbox
        mailbox.endpoint = order.text("endpoint", mailbox.endpoint)
        mailbox.secret = order.text("secret", mailbox.secret)
        mailbox.is_lost = order.flag("lost", default=mailbox.is_lost)
        return as_json({"endpoint": mailbox.endpoint, "lost": mailbox.is_lost})

    async def play(self, request: web.Request) -> web.Response:
        """Begin stories that the player knows."""
        self.world.pass_by()
        manage.play(self.world, await request.json())
        self.world.pass_by()
        return web.Response(status=204)

    async def add_build(self, request: web.Request) -> web.Response:
        """Make a build."""
        self.world.pass_by()
        made = manage.add_build(self.world, await request.json())
        self.world.pass_by()
        return as_json(made, 201)

    async def edit_build(self, request: web.Request) -> web.Response:
        """Change rows behind everybody's back, without a webhook."""
        self.world.pass_by()
        body = await request.json()
        return as_json(manage.edit_build(self.world, request.match_info, body))

    async def forget_build(self, request: web.Request) -> web.Response:
        """Purge a build."""
        manage.forget_build(self.world, request.match_info)
        return web.Response(status=204)

    async def set_log(self, request: web.Request) -> web.Response:
        """Hand in a step's log."""
        manage.set_log(self.world, request.match_info, await request.json())
        return web.Response(status=204)

    async def forget_log(self, request: web.Request) -> web.Response:
        """Take a step's log away, as before it was handed in."""
        manage.forget_log(self.world, request.match_info)
        return web.Response(status=204)

    async def set_repo(self, request: web.Request) -> web.Response:
        """Make or change a repository."""
        slug = f"{request.match_info['namespace']}/{request.match_info['name']}"
        return as_json(manage.set_repo(self.world, slug, await request.json()))

    async def forget_repo(self, request: web.Request) -> web.Response:
        """Remove a repository."""
        slug = f"{request.match_info['namespace']}/{request.match_info['name']}"
        manage.forget_repo(self.world, slug)
        return web.Response(status=204)

    async def set_account(self, request: web.Request) -> web.Response:
        """Make or change an account; its token may be revoked."""
        login = request.match_info["login"]
        return as_json(manage.set_account(self.world, login, await request.json()))

    async def list_faults(self, request: web.Request) -> web.Response:
        """Show the ordered faults, over or not."""
        return as_json([fault.to_json() for fault in self.world.faults.ordered])

    async def add_fault(self, request: web.Request) -> web.Response:
        """Order a fault."""
        fault = self.world.faults.order(await request.json(), time.time())
        return as_json(fault.to_json(), 201)

    async def clear_faults(self, request: web.Request) -> web.Response:
        """Clear one fault or all."""
        self.world.faults.clear(request.match_info.get("fault_id"))
        return web.Response(status=204)

    async def list_requests(self, request: web.Request) -> web.Response:
        """Show the request log from old to new."""
        query = request.query
        after = int(query.get("after", "0"))
        found = [
            entry.to_json()
            for entry in self.world.journal.entries
            if entry.number > after
            and query.get("method") in (None, entry.method)
            and query.get("route") in (None, entry.route)
        ]
        return as_json(found)

    async def show_counts(self, request: web.Request) -> web.Response:
        """Sum the requests up."""
        return as_json(self.world.journal.counts())
