"""Interactions: the request that Discord makes for each, read from its JSON.

    interaction ──▶ Ping                   Discord asks whether the endpoint works
                    Command                a slash command
                    AutocompleteRequest    a slash command while it is typed
                    ButtonPress            a button of a card

https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-object
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from runtime.secret import Secret
from server.core.json_reader import Json, integer, rows, table, text
from server.errors import Malformed

PING, COMMAND, COMPONENT, AUTOCOMPLETE = 1, 2, 3, 4
SUB_COMMAND, SUB_COMMAND_GROUP = 1, 2

_SNOWFLAKE = re.compile(r"[0-9]{1,20}")
_TOKEN = re.compile(r"[A-Za-z0-9._~=+-]{1,1000}")


@dataclass(frozen=True, slots=True)
class Member:
    """The member of the server who did it."""

    user_id: str
    name: str  # as others see it; foreign
    permissions: int  # bits, in the channel where it was done
    role_ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class Origin:
    """The interaction itself, its place and its member, who is None in a direct message."""

    id: str
    application_id: str
    guild_id: str
    channel_id: str
    member: Member | None
    token: Secret  # lets anybody answer for 15 minutes


@dataclass(frozen=True, slots=True)
class Ping:
    """Discord asks whether the endpoint works."""


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command; *name* is that of the subcommand, options have the type Discord gave."""

    origin: Origin
    name: str
    options: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AutocompleteRequest:
    """A command while it is typed; *focused* is the option that wants suggestions."""

    origin: Origin
    name: str
    options: Mapping[str, str | int]
    focused: str
    typed: str


@dataclass(frozen=True, slots=True)
class ButtonPress:
    """A press of a button; *custom_id* comes back from a client, so it is not trusted."""

    origin: Origin
    custom_id: str


Interaction = Ping | Command | AutocompleteRequest | ButtonPress


def read_interaction(payload: Json) -> Interaction:
    """Read an interaction; raise Malformed for one of an unknown type."""
    kind = integer(payload, "type")
    if kind == PING:
        return Ping()
    if kind not in (COMMAND, COMPONENT, AUTOCOMPLETE):
        raise Malformed("unknown_interaction", "Interactions have a type from 1 to 4 here.")
    origin = _origin(payload)
    data = table(payload, "data") or {}
    if kind == COMPONENT:
        return ButtonPress(origin, text(data, "custom_id", 100))
    name, given = _subcommand(data)
    options = {text(row, "name", 32): _value(row) for row in given}
    if kind == COMMAND:
        return Command(origin, name, options)
    focused = next((text(row, "name", 32) for row in given if row.get("focused") is True), "")
    return AutocompleteRequest(origin, name, options, focused, str(options.get(focused, "")))


def _origin(payload: Json) -> Origin:
    identity, token = text(payload, "id", 30), text(payload, "token", 1001)
    if not _SNOWFLAKE.fullmatch(identity) or not _TOKEN.fullmatch(token):
        raise Malformed("no_interaction_id", "An interaction must have an id and a token.")
    member = table(payload, "member")
    return Origin(
        id=identity,
        application_id=text(payload, "application_id", 30),
        guild_id=text(payload, "guild_id", 30),
        channel_id=text(payload, "channel_id", 30),
        member=_member(member) if member is not None else None,
        token=Secret(token),
    )


def _member(row: Json) -> Member | None:
    user: Json = table(row, "user") or {}
    user_id = text(user, "id", 30)
    if not _SNOWFLAKE.fullmatch(user_id):
        return None
    names = (text(row, "nick", 100), text(user, "global_name", 100), text(user, "username", 100))
    bits = text(row, "permissions", 30)
    listed = row.get("roles")
    return Member(
        user_id=user_id,
        name=next((name for name in names if name.strip()), user_id),
        permissions=int(bits) if bits.isascii() and bits.isdigit() else 0,
        role_ids=frozenset(
            role for role in (listed if isinstance(listed, list) else ()) if isinstance(role, str)
        ),
    )


def _subcommand(data: Json) -> tuple[str, list[Json]]:
    """Return the name of the subcommand and what was given to it."""
    for row in rows(data, "options"):
        if integer(row, "type") == SUB_COMMAND:
            return text(row, "name", 32), rows(row, "options")
    return "", []


def _value(row: Json) -> str | int:
    value = row.get("value")
    if isinstance(value, int) and not isinstance(value, bool):
        return integer(row, "value")
    return text(row, "value", 6000)
