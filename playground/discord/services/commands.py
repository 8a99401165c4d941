"""Register application commands, for the guild or for everywhere."""

from __future__ import annotations

from collections.abc import Mapping

from playground.discord.core import check
from playground.discord.core.command import CHAT_INPUT, commands, one_command
from playground.discord.core.refusal import (
    MISSING_ACCESS,
    UNKNOWN_APPLICATION,
    UNKNOWN_COMMAND,
    Refused,
    invalid_form,
)
from playground.discord.services.ask import Answer, Ask
from playground.discord.services.world import World

Stored = dict[str, dict[str, object]]
_DEFAULTS: dict[str, object] = {
    "description": "",
    "default_member_permissions": None,
    "dm_permission": True,
    "nsfw": False,
    "contexts": None,
    "integration_types": [0],
}


def list_commands(world: World, ask: Ask) -> Answer:
    """Give all commands of one scope."""
    return Answer(200, list(_scope(world, ask).values()))


def overwrite_commands(world: World, ask: Ask) -> Answer:
    """Replace all commands of one scope at once; those whose names stay keep their ids."""
    scope = _scope(world, ask)
    if found := list(commands(ask.body if ask.body is not None else [])):
        raise Refused(invalid_form(found))
    bodies = [check.mapped(one) for one in check.listed(ask.body)]
    kept = {_key(one): str(one["id"]) for one in scope.values()}
    scope.clear()
    for body in bodies:
        _store(world, ask, scope, body, kept.get(_key(body)))
    return Answer(200, list(scope.values()))


def create_command(world: World, ask: Ask) -> Answer:
    """Add a command (201), or replace the one of the same name (200)."""
    scope = _scope(world, ask)
    payload = ask.payload()
    if found := list(one_command(payload)):
        raise Refused(invalid_form(found))
    kept = {_key(one): str(one["id"]) for one in scope.values()}
    known = kept.get(_key(payload))
    return Answer(200 if known else 201, _store(world, ask, scope, payload, known))


def get_command(world: World, ask: Ask) -> Answer:
    """Give one command."""
    return Answer(200, _existing(world, ask))


def edit_command(world: World, ask: Ask) -> Answer:
    """Change some fields of a command."""
    known = _existing(world, ask)
    merged = {**known, **ask.payload(), "type": known["type"]}
    if found := list(one_command(merged)):
        raise Refused(invalid_form(found))
    return Answer(200, _store(world, ask, _scope(world, ask), merged, str(known["id"])))


def delete_command(world: World, ask: Ask) -> Answer:
    """Remove a command."""
    known = _existing(world, ask)
    del _scope(world, ask)[str(known["id"])]
    return Answer(204)


def _scope(world: World, ask: Ask) -> Stored:
    if ask.params["application_id"] != world.options.application_id:
        raise Refused(UNKNOWN_APPLICATION)
    guild_id = ask.params.get("guild_id", "global")
    if guild_id not in ("global", world.guild.id):
        raise Refused(MISSING_ACCESS)
    return world.commands.setdefault(guild_id, {})


def _key(command: Mapping[str, object]) -> tuple[object, object]:
    return command.get("type", CHAT_INPUT), command.get("name")


def _existing(world: World, ask: Ask) -> dict[str, object]:
    known = _scope(world, ask).get(ask.params["command_id"])
    if known is None:
        raise Refused(UNKNOWN_COMMAND)
    return known


def _store(
    world: World, ask: Ask, scope: Stored, body: Mapping[str, object], known: str | None
) -> dict[str, object]:
    identity = known or world.mint.mint(ask.now)
    command: dict[str, object] = {"type": CHAT_INPUT, **_DEFAULTS, **body}
    command["id"] = identity
    command["application_id"] = world.options.application_id
    command["version"] = world.mint.mint(ask.now)
    if "guild_id" in ask.params:
        command["guild_id"] = ask.params["guild_id"]
    scope[identity] = command
    return command
