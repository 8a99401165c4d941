"""What a member may do in a channel.

The rule: https://docs.discord.com/developers/topics/permissions#permission-overwrites
"""

from collections.abc import Iterable, Mapping
from typing import Any

from server.core.http_answer import Answer

ADMINISTRATOR = 1 << 3
VIEW_CHANNEL = 1 << 10
SEND_MESSAGES = 1 << 11
EMBED_LINKS = 1 << 14
ATTACH_FILES = 1 << 15
READ_MESSAGE_HISTORY = 1 << 16
SEND_MESSAGES_IN_THREADS = 1 << 38
NAMES = {
    VIEW_CHANNEL: "View Channel",
    SEND_MESSAGES: "Send Messages",
    SEND_MESSAGES_IN_THREADS: "Send Messages in Threads",
    EMBED_LINKS: "Embed Links",
    ATTACH_FILES: "Attach Files",
    READ_MESSAGE_HISTORY: "Read Message History",
}
EVERYTHING = (1 << 64) - 1


def permissions_of(member_id: str, guild: Answer, member: Answer, channel: Answer) -> int | None:
    """Return the bits that *member* has in *channel*; None if Discord did not show all three."""
    if any(answer.status != 200 for answer in (guild, member, channel)):
        return None
    return channel_permissions(member_id, guild.body, member.body, channel.body)


def channel_permissions(
    member_id: str,
    guild: Mapping[str, Any],
    member: Mapping[str, Any],
    channel: Mapping[str, Any],
) -> int:
    """Return the bits that *member* has in *channel*, all of them Discord's own objects."""
    roles = {str(guild.get("id")), *map(str, member.get("roles") or ())}
    granted = 0
    for role in guild.get("roles") or ():
        if str(role.get("id")) in roles:
            granted |= _bits(role.get("permissions"))
    if granted & ADMINISTRATOR or str(guild.get("owner_id")) == member_id:
        return EVERYTHING
    overwrites = {str(item.get("id")): item for item in channel.get("permission_overwrites") or ()}
    everyone = str(guild.get("id"))
    granted = _apply(granted, [overwrites[everyone]] if everyone in overwrites else [])
    granted = _apply(
        granted, [overwrites[role] for role in roles - {everyone} if role in overwrites]
    )
    return _apply(granted, [overwrites[member_id]] if member_id in overwrites else [])


def needed(*, is_thread: bool, with_files: bool) -> int:
    """Return what the bot needs in a channel, or in a thread, where Send Messages does not count.

    https://docs.discord.com/developers/topics/permissions#permissions-for-threads
    """
    sending = SEND_MESSAGES_IN_THREADS if is_thread else SEND_MESSAGES
    always = VIEW_CHANNEL | sending | EMBED_LINKS | READ_MESSAGE_HISTORY
    return always | (ATTACH_FILES if with_files else 0)


def names_of(bits: int) -> list[str]:
    """Name the permissions as Discord's settings show them."""
    return [name for bit, name in NAMES.items() if bits & bit]


def _apply(granted: int, overwrites: Iterable[Mapping[str, Any]]) -> int:
    """Take away what any overwrite denies, then add what any allows."""
    denied = allowed = 0
    for overwrite in overwrites:
        denied |= _bits(overwrite.get("deny"))
        allowed |= _bits(overwrite.get("allow"))
    return (granted & ~denied) | allowed


def _bits(value: object) -> int:
    try:
        return int(str(value))
    except ValueError:
        return 0
