"""Can the bot write where it is to write, and do the ids in the settings belong together?"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from server.core.discord.answers import error_code
from server.core.discord.permissions import (
    ATTACH_FILES,
    READ_MESSAGE_HISTORY,
    channel_permissions,
    names_of,
    needed,
)
from server.core.http_answer import Answer
from server.services.operations.finding import Finding, quoted

Get = Callable[[str], Answer]

# Text, announcement, and the three kinds of thread: what a bot can simply write into.
# https://docs.discord.com/developers/resources/channel#channel-object-channel-types
THREADS = frozenset({10, 11, 12})
WRITABLE_TYPES = frozenset({0, 5}) | THREADS

WITHOUT = {
    READ_MESSAGE_HISTORY: "Without Read Message History a message whose answer is lost may appear "
    "twice.",
    ATTACH_FILES: "Without Attach Files long messages are cut.",
}


@dataclass(frozen=True, slots=True)
class Ids:
    """What the settings name at Discord."""

    channel_id: str
    guild_id: str = ""
    role_ids: frozenset[str] = frozenset()
    channels: Mapping[str, str] = field(default_factory=dict)  # of pushed messages, by name
    has_pushers: bool = False  # somebody may push messages


def check_discord(get: Get, ids: Ids) -> Iterator[Finding]:
    """Ask Discord who the bot is, and whether it can see each channel and write to it."""
    get = cache(get)
    me = get("/users/@me")
    if me.status != 200:
        yield _no_answer(me)
        return
    yield Finding("Discord", True, f"the bot is {quoted(me.body.get('username', '?'))}.")
    bot_id = str(me.body.get("id", ""))
    yield _check_channel(get, bot_id, "DISCORD_CHANNEL_ID", ids.channel_id, ids.has_pushers)
    for name, channel_id in ids.channels.items():
        if channel_id:
            found = _check_channel(get, bot_id, "MESSAGES_CHANNELS", channel_id, ids.has_pushers)
            yield Finding(f"Channel {name}", found.is_well, found.detail, found.advice)
    channel = get(f"/channels/{ids.channel_id}")
    if ids.guild_id:
        yield _check_guild(get, ids)
    if ids.role_ids:
        guild_id = ids.guild_id or str(channel.body.get("guild_id", ""))
        yield _check_roles(get(f"/guilds/{guild_id}"), guild_id, ids.role_ids)


def _no_answer(answer: Answer) -> Finding:
    if answer.status == 401:
        return Finding(
            "Discord",
            False,
            "the token is refused.",
            "Reset it on your application's page Bot at discord.com/developers, then put the new "
            "one into DISCORD_TOKEN.",
        )
    said = answer.error or f"HTTP {answer.status}"
    return Finding(
        "Discord",
        False,
        f"no proper answer ({said}).",
        "Check the network and DISCORD_API_BASE_URL.",
    )


def _check_channel(
    get: Get, bot_id: str, setting: str, channel_id: str, has_pushers: bool
) -> Finding:
    channel = get(f"/channels/{channel_id}")
    if channel.status != 200:
        hints = {
            403: "Invite the bot to the server and let it view the channel.",
            404: f"Check {setting}; is the bot in that server?",
        }
        said = channel.error or f"HTTP {channel.status}, code {error_code(channel)}"
        advice = hints.get(channel.status, "Try again in a minute.")
        return Finding("Channel", False, f"{channel_id} cannot be read ({said}).", advice)
    name = _name(channel)
    if channel.body.get("type") not in WRITABLE_TYPES:
        return Finding("Channel", False, f"{name} is no text channel.", "Choose another.")
    metadata = channel.body.get("thread_metadata")
    if isinstance(metadata, Mapping) and metadata.get("locked"):
        return Finding("Channel", False, f"the thread {name} is locked.", "Unlock it.")
    missing = _missing_permissions(get, bot_id, channel.body, has_pushers)
    if missing is None:
        return Finding("Channel", None, f"{name} is seen; its permissions could not be read.")
    if missing:
        advice = " ".join(
            ["Grant it in Discord.", *(why for bit, why in WITHOUT.items() if missing & bit)]
        )
        lacks = ", ".join(names_of(missing))
        return Finding("Channel", False, f"in {name} the bot lacks {lacks}.", advice)
    return Finding("Channel", True, f"the bot can see {name} and write to it.")


def _missing_permissions(get: Get, bot_id: str, channel: Any, has_pushers: bool) -> int | None:
    guild_id = channel.get("guild_id")
    guild = get(f"/guilds/{guild_id}")
    member = get(f"/guilds/{guild_id}/members/{bot_id}")
    if guild.status != 200 or member.status != 200:
        return None
    is_thread, place = channel.get("type") in THREADS, channel
    # A thread has the permissions of its parent.
    # https://docs.discord.com/developers/topics/permissions#permissions-for-threads
    if is_thread and (parent_id := channel.get("parent_id")):
        parent = get(f"/channels/{parent_id}")
        if parent.status != 200:
            return None
        place = parent.body
    granted = channel_permissions(bot_id, guild.body, member.body, place)
    return needed(is_thread=is_thread, with_files=has_pushers) & ~granted


def _check_guild(get: Get, ids: Ids) -> Finding:
    for channel_id in (ids.channel_id, *filter(None, ids.channels.values())):
        channel = get(f"/channels/{channel_id}")
        found = channel.body.get("guild_id") if channel.status == 200 else None
        if found and str(found) != ids.guild_id:
            detail = f"DISCORD_GUILD_ID is {ids.guild_id}, but {_name(channel)} is in {found}."
            return Finding("Guild", False, detail, "Make them fit: put that id there.")
    return Finding("Guild", True, "every channel that can be read is in DISCORD_GUILD_ID.")


def _check_roles(guild: Answer, guild_id: str, role_ids: frozenset[str]) -> Finding:
    roles = guild.body.get("roles")
    if guild.status != 200 or not isinstance(roles, list):
        return Finding("Roles", None, "the server's roles could not be read.")
    # The role of everybody has the guild's own id, and no member carries it.
    known = {str(role.get("id")) for role in roles if isinstance(role, Mapping)} - {guild_id}
    unknown = sorted(role_ids - known)
    if unknown:
        detail = f"DISCORD_OPERATOR_ROLE_IDS names {', '.join(unknown)}, which no member can have."
        advice = "In Discord, right-click the role and copy its id."
        return Finding("Roles", False, detail, advice)
    return Finding("Roles", True, "every role in DISCORD_OPERATOR_ROLE_IDS is known.")


def _name(channel: Answer) -> str:
    return f"#{quoted(channel.body.get('name', '?'))}"
