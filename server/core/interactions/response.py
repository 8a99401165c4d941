"""What an interaction is answered with.

https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-response-object
"""

from collections.abc import Iterable, Mapping
from typing import Any

from server.core.discord.limits import CHOICE_TEXT, CHOICES
from server.core.discord.markdown import plain
from server.core.discord.types import Message

PONG, MESSAGE, DEFERRED, SUGGESTIONS = 1, 4, 5, 8
# Only the person who asked sees it.
EPHEMERAL = 1 << 6

InteractionResponse = Mapping[str, Any]
Choice = tuple[str, str | int]


def pong() -> InteractionResponse:
    """Say that we are there."""
    return {"type": PONG}


def at_once(message: Message) -> InteractionResponse:
    """Answer with *message*, for the one who asked."""
    return {"type": MESSAGE, "data": {**message, "flags": EPHEMERAL}}


def later() -> InteractionResponse:
    """Say that an answer will come, for the one who asked; it has 15 minutes."""
    return {"type": DEFERRED, "data": {"flags": EPHEMERAL}}


def suggestions(choices: Iterable[Choice]) -> InteractionResponse:
    """Suggest values for the option that somebody is typing: names that are shown, and values."""
    kept = [
        {"name": name, "value": value}
        for raw, value in choices
        if (name := plain(raw, CHOICE_TEXT))
        and (isinstance(value, int) or 0 < len(value) <= CHOICE_TEXT)
    ]
    return {"type": SUGGESTIONS, "data": {"choices": kept[:CHOICES]}}
