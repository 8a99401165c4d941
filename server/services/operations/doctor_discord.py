"""The doctor's checks of Discord: permissions in each channel, and ids that belong together."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

from server.core.discord.objects import (
    WRITABLE_TYPES,
    Channel,
    failure_of,
    read_channel,
    read_role_ids,
    read_user,
)
from server.core.discord.permissions import (
    ATTACH_FILES,
    READ_MESSAGE_HISTORY,
    names_of,
    needed,
    permissions_of,
)
from server.core.http_answer import Answer
from server.services.operations.finding import Finding, quoted

Get = Callable[[str], Answer]

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
    has_pushers: bool = False  # there is a token to push messages with


def check_discord(get: Get, ids: Ids) -> Iterator[Finding]:
    """Ask Discord who the bot is, and whether it can see each channel and write to it."""
    get = cache(get)
    me = get("/users/@me")
    if (bot := read_user(me)) is None:
        yield _no_answer(me)
        return
    yield Finding("Discord", True, f"the bot is {quoted(bot.name or '?')}.")
    yield _check_channel(get, bot.id, "DISCORD_CHANNEL_ID", ids.channel_id, ids.has_pushers)
    for name, channel_id in ids.channels.items():
        if channel_id:
            found = _check_channel(get, bot.id, "MESSAGES_CHANNELS", channel_id, ids.has_pushers)
            yield Finding(f"Channel {name}", found.is_well, found.detail, found.advice)
    if ids.guild_id:
        yield _check_guild(get, ids)
    if ids.role_ids:
        channel = read_channel(get(f"/channels/{ids.channel_id}"))
        guild_id = ids.guild_id or (channel.guild_id if channel else "")
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
    answer = get(f"/channels/{channel_id}")
    if (channel := read_channel(answer)) is None:
        hints = {
            403: "Invite the bot to the server and let it view the channel.",
            404: f"Check {setting}; is the bot in that server?",
        }
        advice = hints.get(answer.status, "Try again in a minute.")
        detail = f"{channel_id} cannot be read ({failure_of(answer)})."
        return Finding("Channel", False, detail, advice)
    name = _name(channel)
    if channel.type not in WRITABLE_TYPES:
        return Finding("Channel", False, f"{name} is no text channel.", "Choose another.")
    if channel.is_locked:
        return Finding("Channel", False, f"the thread {name} is locked.", "Unlock it.")
    place = answer
    if channel.is_thread and channel.parent_id:
        place = get(f"/channels/{channel.parent_id}")
    guild = get(f"/guilds/{channel.guild_id}")
    member = get(f"/guilds/{channel.guild_id}/members/{bot_id}")
    granted = permissions_of(bot_id, guild, member, place)
    if granted is None:
        return Finding("Channel", None, f"{name} is seen; its permissions could not be read.")
    if missing := needed(is_thread=channel.is_thread, with_files=has_pushers) & ~granted:
        advice = " ".join(
            ["Grant it in Discord.", *(why for bit, why in WITHOUT.items() if missing & bit)]
        )
        lacks = ", ".join(names_of(missing))
        return Finding("Channel", False, f"in {name} the bot lacks {lacks}.", advice)
    return Finding("Channel", True, f"the bot can see {name} and write to it.")


def _check_guild(get: Get, ids: Ids) -> Finding:
    for channel_id in (ids.channel_id, *filter(None, ids.channels.values())):
        channel = read_channel(get(f"/channels/{channel_id}"))
        if channel and channel.guild_id and channel.guild_id != ids.guild_id:
            place = f"{_name(channel)} is in {channel.guild_id}"
            detail = f"DISCORD_GUILD_ID is {ids.guild_id}, but {place}."
            return Finding("Guild", False, detail, "Make them fit: put that id there.")
    return Finding("Guild", True, "every channel that can be read is in DISCORD_GUILD_ID.")


def _check_roles(guild: Answer, guild_id: str, role_ids: frozenset[str]) -> Finding:
    if (known := read_role_ids(guild)) is None:
        return Finding("Roles", None, "the server's roles could not be read.")
    # The role of everyone has the guild's own id, and no member carries it.
    unknown = sorted(role_ids - (known - {guild_id}))
    if unknown:
        detail = f"DISCORD_OPERATOR_ROLE_IDS names {', '.join(unknown)}, which no member can have."
        advice = "In Discord, right-click the role and copy its id."
        return Finding("Roles", False, detail, advice)
    return Finding("Roles", True, "every role in DISCORD_OPERATOR_ROLE_IDS is known.")


def _name(channel: Channel) -> str:
    return f"#{quoted(channel.name or '?')}"
