"""Register the slash commands: read what Discord has, show the difference, replace it if any."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from server.core.discord.objects import (
    failure_of,
    read_form_errors,
    read_list,
    read_retry_after,
)
from server.core.http_answer import Answer
from server.core.interactions.command_diff import difference
from server.core.interactions.commands import CommandData

Get = Callable[[str], Answer]
Put = Callable[[str, Sequence[Any]], Answer]


@dataclass(frozen=True, slots=True)
class CommandScope:
    """Where commands are registered: in one server at once, or everywhere within the hour."""

    application_id: str
    guild_id: str  # "" is everywhere

    @property
    def path(self) -> str:
        """Return the address of the list."""
        guild = f"/guilds/{self.guild_id}" if self.guild_id else ""
        return f"/applications/{self.application_id}{guild}/commands"

    def __str__(self) -> str:
        return f"in the server {self.guild_id}" if self.guild_id else "everywhere"


class NotRegistered(Exception):
    """Say in a sentence why commands could not be registered, and what to do."""


def read_difference(get: Get, scope: CommandScope, tree: Sequence[CommandData]) -> list[str]:
    """Return what registering would change, a line each; raise NotRegistered."""
    answer = get(scope.path)
    if (known := read_list(answer)) is None:
        raise NotRegistered(_why(answer, scope))
    return difference(known, _bodies(scope, tree), not scope.guild_id)


def replace_commands(put: Put, scope: CommandScope, tree: Sequence[CommandData]) -> None:
    """Replace all commands in one request; raise NotRegistered."""
    answer = put(scope.path, _bodies(scope, tree))
    if answer.status != 200:
        raise NotRegistered(_why(answer, scope))


def _bodies(scope: CommandScope, tree: Sequence[CommandData]) -> list[dict[str, Any]]:
    """Return what is sent; the commands of a server have no contexts.

    https://docs.discord.com/developers/interactions/application-commands#contexts
    """
    left_out = {"contexts"} if scope.guild_id else set()
    return [{key: one for key, one in row.items() if key not in left_out} for row in tree]


def _why(answer: Answer, scope: CommandScope) -> str:
    said = failure_of(answer)
    if answer.status == 401:
        return "Discord refuses the token: put the one of the page Bot into DISCORD_TOKEN."
    if answer.status == 403:
        return (
            f"Discord lets us register nothing {scope} ({said}): invite the bot with the scope "
            "applications.commands, and check DISCORD_APPLICATION_ID and the server's id."
        )
    if answer.status == 404:
        return f"Discord knows no such application ({said}): check DISCORD_APPLICATION_ID."
    if answer.status == 429:
        seconds = read_retry_after(answer)
        wait = "a few" if seconds is None else f"{seconds:g}"
        return f"Discord wants a pause: try again in {wait} s."
    if answer.status == 400:
        return f"Discord refuses the commands ({said}): {read_form_errors(answer)}. Report it."
    return f"No proper answer ({said}): check the network and DISCORD_API_BASE_URL."
