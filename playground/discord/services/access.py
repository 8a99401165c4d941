"""Decide what the bot may see and do in a channel, and refuse the rest."""

from __future__ import annotations

from collections.abc import Mapping

from playground.discord.core import check
from playground.discord.core.guild import CATEGORY, FORUM, THREAD, Channel
from playground.discord.core.permission import Permission
from playground.discord.core.refusal import (
    MISSING_ACCESS,
    MISSING_PERMISSIONS,
    NO_TEXT_CHANNEL,
    NOT_IN_A_FORUM,
    THREAD_LOCKED,
    UNKNOWN_CHANNEL,
    Refused,
    invalid_form,
)
from playground.discord.core.snowflake import is_snowflake
from playground.discord.services.ask import Ask
from playground.discord.services.world import World


def visible_channel(world: World, ask: Ask) -> Channel:
    """Return the channel in the path, or refuse: unknown, or not the bot's to see."""
    channel_id = ask.params["channel_id"]
    channel = world.channel(channel_id)
    if not is_snowflake(channel_id):
        raise Refused(invalid_form(list(check.snowflake(channel_id, ("channel_id",)))))
    if channel is None:
        raise Refused(UNKNOWN_CHANNEL)
    if not world.guild.permissions(channel) & Permission.VIEW_CHANNEL:
        raise Refused(MISSING_ACCESS)
    return channel


def require(world: World, channel: Channel, permission: Permission) -> None:
    """Refuse unless the bot has *permission* in *channel*."""
    if not world.guild.permissions(channel) & permission:
        raise Refused(MISSING_PERMISSIONS)


def require_writing(
    world: World, channel: Channel, payload: Mapping[str, object], *, has_files: bool
) -> None:
    """Refuse a create that the kind of channel or a missing permission forbids."""
    if channel.type == FORUM:
        raise Refused(NOT_IN_A_FORUM)
    if channel.type == CATEGORY:
        raise Refused(NO_TEXT_CHANNEL)
    is_thread = channel.type == THREAD
    sending = Permission.SEND_MESSAGES_IN_THREADS if is_thread else Permission.SEND_MESSAGES
    require(world, channel, sending)
    may_manage = world.guild.permissions(channel) & Permission.MANAGE_THREADS
    if channel.is_archived and channel.is_locked and not may_manage:
        raise Refused(THREAD_LOCKED)
    if payload.get("embeds"):
        require(world, channel, Permission.EMBED_LINKS)
    if has_files:
        require(world, channel, Permission.ATTACH_FILES)
