"""Responses to interactions.

https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-response-object
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from server.core.discord.limits import CHOICE_TEXT, CHOICES
from server.core.discord.markdown import plain
from server.core.discord.types import Message
from server.core.render.replies import text_message

PONG, MESSAGE, DEFERRED, SUGGESTIONS = 1, 4, 5, 8
# The member who asked sees it alone.
EPHEMERAL = 1 << 6

InteractionResponse = Mapping[str, Any]
Choice = tuple[str, str | int]


@dataclass(frozen=True, slots=True)
class CommandResult:
    """The result of a command or a press: what the member is told, and what the audit log notes."""

    message: Message
    code: str


def text_result(sentence: str, code: str) -> CommandResult:
    """Make the result that is one sentence of ours."""
    return CommandResult(text_message(sentence), code)


def pong() -> InteractionResponse:
    """Answer a ping."""
    return {"type": PONG}


def message_response(message: Message) -> InteractionResponse:
    """Answer with *message*, which the member alone sees."""
    return {"type": MESSAGE, "data": {**message, "flags": EPHEMERAL}}


def deferred_response() -> InteractionResponse:
    """Promise an answer, which the member alone sees, within 15 minutes."""
    return {"type": DEFERRED, "data": {"flags": EPHEMERAL}}


def autocomplete_response(choices: Iterable[Choice]) -> InteractionResponse:
    """Suggest values for the option that is being typed: names that are shown, and values."""
    kept = [
        {"name": name, "value": value}
        for raw, value in choices
        if (name := plain(raw, CHOICE_TEXT))
        and (isinstance(value, int) or 0 < len(value) <= CHOICE_TEXT)
    ]
    return {"type": SUGGESTIONS, "data": {"choices": kept[:CHOICES]}}
