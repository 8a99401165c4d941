"""Tell the bot about itself, the gateway and the guild; keep its settings."""

from __future__ import annotations

from collections.abc import Mapping

from playground.discord.core.guild import THREAD
from playground.discord.core.link import link
from playground.discord.core.permission import Permission
from playground.discord.core.refusal import (
    UNKNOWN_GUILD,
    UNKNOWN_MEMBER,
    UNKNOWN_USER,
    Refused,
    invalid_form,
)
from playground.discord.services.access import require, visible_channel
from playground.discord.services.ask import Answer, Ask
from playground.discord.services.world import World

# The public key belongs to the secret key of 32 zero bytes: anybody may sign with it.
VERIFY_KEY = "3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29"


def get_me(world: World, ask: Ask) -> Answer:
    """Give the bot's own user."""
    user = world.guild.users[world.guild.bot_id]
    return Answer(200, {**user, "verified": True, "mfa_enabled": False, "locale": "en-US"})


def edit_channel(world: World, ask: Ask) -> Answer:
    """Archive a thread, or open it again; of other channels a notifier changes nothing.

    https://docs.discord.com/developers/topics/threads#editing-deleting-threads
    """
    channel = visible_channel(world, ask)
    payload = ask.payload()
    archived = payload.get("archived")
    may_open = channel.type == THREAD and world.guild.bot_id in channel.members
    is_opening = set(payload) == {"archived"} and archived is False and not channel.is_locked
    if not (is_opening and may_open):
        require(world, channel, Permission.MANAGE_THREADS)
    channel.is_archived = bool(archived)
    return Answer(200, world.guild.channel_json(channel))


def get_application(world: World, ask: Ask) -> Answer:
    """Give the bot's application."""
    return Answer(200, application(world))


def edit_application(world: World, ask: Ask) -> Answer:
    """Change the interactions endpoint; the stand-in does not probe it."""
    payload = ask.payload()
    url = payload.get("interactions_endpoint_url")
    if url and (found := list(link(url, ("interactions_endpoint_url",)))):
        raise Refused(invalid_form(found))
    if "interactions_endpoint_url" in payload:
        world.interactions_url = str(url) if url else None
    return Answer(200, application(world))


def application(world: World) -> dict[str, object]:
    """Build Discord's application object."""
    return {
        "id": world.options.application_id,
        "name": "Drone",
        "icon": None,
        "description": "",
        "bot": world.guild.users[world.guild.bot_id],
        "bot_public": False,
        "bot_require_code_grant": False,
        "owner": _owner(world),
        "team": None,
        "verify_key": VERIFY_KEY,
        "flags": 0,
        "hook": True,
        "interactions_endpoint_url": world.interactions_url,
    }


def get_gateway(world: World, ask: Ask) -> Answer:
    """Tell where the gateway is."""
    return Answer(200, {"url": gateway_url(world)})


def get_gateway_bot(world: World, ask: Ask) -> Answer:
    """Tell where the gateway is and how many sessions may be started."""
    limit = {"total": 1000, "remaining": 1000, "reset_after": 86_400_000, "max_concurrency": 1}
    return Answer(200, {"url": gateway_url(world), "shards": 1, "session_start_limit": limit})


def gateway_url(world: World) -> str:
    """Return the websocket's address."""
    return f"{world.base_url.replace('http', 'ws', 1)}/gateway"


def get_channel(world: World, ask: Ask) -> Answer:
    """Give one channel, with the overwrites a permission check needs."""
    return Answer(200, world.guild.channel_json(visible_channel(world, ask)))


def get_guild(world: World, ask: Ask) -> Answer:
    """Give the guild, roles included."""
    _require_guild(world, ask)
    return Answer(200, world.guild.to_json())


def list_roles(world: World, ask: Ask) -> Answer:
    """Give the guild's roles."""
    _require_guild(world, ask)
    return Answer(200, [role.to_json() for role in world.guild.roles.values()])


def list_channels(world: World, ask: Ask) -> Answer:
    """Give the guild's channels, those included that the bot cannot see."""
    _require_guild(world, ask)
    return Answer(200, [world.guild.channel_json(one) for one in world.guild.channels.values()])


def get_member(world: World, ask: Ask) -> Answer:
    """Give one member; `@me` is not a member's id."""
    _require_guild(world, ask)
    member = world.guild.members.get(ask.params["user_id"])
    if member is None:
        raise Refused(UNKNOWN_MEMBER)
    return Answer(200, member.to_json())


def list_guilds(world: World, ask: Ask) -> Answer:
    """Give the guilds the bot is in, with its permissions there."""
    bot = world.guild.members[world.guild.bot_id]
    roles = [world.guild.roles[one] for one in (world.guild.id, *bot.role_ids)]
    permissions = Permission(0)
    for role in roles:
        permissions |= Permission(role.permissions)
    guild: Mapping[str, object] = {
        "id": world.guild.id,
        "name": world.guild.name,
        "icon": None,
        "owner": False,
        "permissions": str(int(permissions)),
        "features": [],
    }
    return Answer(200, [guild])


def get_user(world: World, ask: Ask) -> Answer:
    """Give one user of the guild."""
    user = world.guild.users.get(ask.params["user_id"])
    if user is None:
        raise Refused(UNKNOWN_USER)
    return Answer(200, user)


def _owner(world: World) -> Mapping[str, object]:
    return next(user for user in world.guild.users.values() if not user.get("bot"))


def _require_guild(world: World, ask: Ask) -> None:
    if ask.params["guild_id"] != world.guild.id:
        raise Refused(UNKNOWN_GUILD)
