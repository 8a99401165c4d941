"""Let the visitor of the page press buttons: sign what Discord would send, and take the answer.

https://docs.discord.com/developers/interactions/overview#setting-up-an-endpoint
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass

from aiohttp import ClientError, ClientSession, ClientTimeout, web
from nacl.signing import SigningKey

from playground.discord.clock import Clock
from playground.discord.core.refusal import Refused
from playground.discord.services import person
from playground.discord.services.ask import Ask
from playground.discord.services.interactions import acknowledge
from playground.discord.services.order import BadOrder, Order
from playground.discord.services.world import World
from playground.discord.web.reply import as_json

# The stand-in's application has this secret key; see services/application.py.
_KEY = SigningKey(bytes(32))
_COMPONENT, _BUTTON = 3, 2
_VISITOR = str(1 << 5)  # Manage Server: who plays may do everything
_AGENT = "Discord-Interactions/1.0 (+https://discord.com)"


@dataclass(frozen=True, slots=True)
class Press:
    """Answer the page when somebody presses a button on it."""

    world: World
    clock: Clock

    def routes(self) -> list[web.RouteDef]:
        """List the endpoints."""
        return [web.post("/control/press", self.press)]

    async def press(self, request: web.Request) -> web.Response:
        """Carry a press to the bridge; tell whether it answered as Discord wants it."""
        order = Order(await request.json(), ("message_id", "custom_id"))
        if not self.world.interactions_url:
            raise BadOrder("the application has no interactions endpoint")
        message = self.world.store.messages.get(order.text("message_id"))
        if message is None or message.deleted_at is not None:
            raise BadOrder("there is no such message")
        wanted = {
            "type": _COMPONENT,
            "channel_id": message.channel_id,
            "message_id": message.id,
            "member_permissions": _VISITOR,
            "data": {"custom_id": order.text("custom_id"), "component_type": _BUTTON},
        }
        made = person.make_interaction(self.world, wanted, self.clock.now())
        problem = await self._deliver(made)
        return as_json({"problem": problem}, 502 if problem else 200)

    async def _deliver(self, made: dict[str, object]) -> str:
        """Post an interaction and take its first answer; return what went wrong, or ""."""
        body = json.dumps(made).encode()
        stamp = str(int(time.time()))
        headers = {
            "Content-Type": "application/json",
            "User-Agent": _AGENT,
            "X-Signature-Timestamp": stamp,
            "X-Signature-Ed25519": _KEY.sign(stamp.encode() + body).signature.hex(),
        }
        timeout = ClientTimeout(total=self.world.options.answer_within_seconds)
        try:
            async with (
                ClientSession(timeout=timeout) as session,
                session.post(
                    self.world.interactions_url or "",
                    data=body,
                    headers=headers,
                    allow_redirects=False,
                ) as response,
            ):
                if response.status == 202:  # it has answered by the callback
                    return ""
                if response.status != 200:
                    return f"the endpoint answered {response.status}"
                answer = await response.json()
        except (ClientError, TimeoutError, ValueError) as error:
            return f"the endpoint did not answer: {type(error).__name__}"
        interaction = self.world.interactions[str(made["token"])]
        try:
            acknowledge(self.world, interaction, Ask({}, {}, answer, (), self.clock.now()))
        except Refused as refused:
            return f"the answer was refused: {refused.refusal.message}"
        return ""
