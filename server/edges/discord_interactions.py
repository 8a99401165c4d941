"""Discord's endpoints for interactions; each call sends once.

The token stands in the address and lets any reader answer in our place: it is logged
nowhere, and what comes back, or why nothing did, does not hold it.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from server.core.discord.types import Message
from server.core.http_answer import Answer
from server.core.interactions.request import Origin
from server.core.interactions.response import InteractionResponse
from server.edges.discord import LIMITS, USER_AGENT
from server.edges.http import Authorization, HttpClient


class InteractionRest:
    """The calls that the bridge makes; usable from many threads, each with its own connections."""

    def __init__(self, base_url: str) -> None:
        self._client = HttpClient(base_url, Authorization(), USER_AGENT)

    def callback(self, origin: Origin, callback: InteractionResponse) -> Answer:
        """Give the first answer by a request of our own."""
        path = f"/interactions/{_part(origin.id)}/{_part(origin.token.reveal())}/callback"
        return self._call("POST", path, callback)

    def edit_original(self, origin: Origin, message: Message) -> Answer:
        """Finish an answer that was promised."""
        token = _part(origin.token.reveal())
        path = f"/webhooks/{_part(origin.application_id)}/{token}/messages/@original"
        return self._call("PATCH", path, message)

    def _call(self, method: str, path: str, body: Mapping[str, Any]) -> Answer:
        return self._client.call(method, path, LIMITS, json=body)


def _part(value: str) -> str:
    return quote(value, safe="")
