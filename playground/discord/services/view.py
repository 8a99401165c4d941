"""Show the world to the page: channels, members, presence and messages."""

from __future__ import annotations

from itertools import islice

from playground.discord.core.guild import Channel, Member
from playground.discord.core.journal import Entry
from playground.discord.core.message import Message
from playground.discord.services.world import World

MESSAGES_SHOWN = 100
REQUESTS_SHOWN = 300


def show_state(world: World, channel_id: str | None, now: float) -> dict[str, object]:
    """Show everything the page needs of one channel; without a known one, of the first."""
    channels = list(world.guild.channels.values())
    chosen = world.channel(channel_id or "") or (channels[0] if channels else None)
    return {
        "now": now,
        "guild": {"id": world.guild.id, "name": world.guild.name},
        "bot_id": world.guild.bot_id,
        "channels": [_show_channel(one) for one in channels],
        "channel_id": chosen.id if chosen else None,
        "roles": {role.id: role.name for role in world.guild.roles.values()},
        "members": show_members(world, now),
        "messages": _show_messages(world, chosen.id) if chosen else [],
    }


def show_members(world: World, now: float) -> list[dict[str, object]]:
    """Show the members as the list at the side does; the first person is who looks."""
    members = list(world.guild.members.values())
    viewer = next((one for one in members if not one.is_bot), None)
    return [_show_member(world, one, one is viewer, now) for one in members]


def show_requests(world: World, now: float) -> dict[str, object]:
    """Show the newest requests and the counts."""
    entries = world.journal.entries
    newest = islice(entries, max(0, len(entries) - REQUESTS_SHOWN), None)
    return {
        "counts": world.journal.counts(now),
        "requests": [entry.to_json() for entry in newest],
    }


def show_news(world: World, kind: str, about: object, now: float) -> dict[str, object] | None:
    """Turn what the world tells into an event for the page; None if it shows nowhere."""
    if kind == "message" and isinstance(about, Message):
        return {"kind": "message", "message": world.message_json(about)}
    if kind == "delete" and isinstance(about, Message):
        return {"kind": "delete", "id": about.id, "channel_id": about.channel_id}
    if kind == "presence":
        return {"kind": "members", "members": show_members(world, now)}
    if kind == "request" and isinstance(about, Entry):
        return {"kind": "request", "request": about.to_json(), "counts": world.journal.counts(now)}
    return {"kind": "reload"} if kind in ("reset", "channels", "clock") else None


def _show_channel(channel: Channel) -> dict[str, object]:
    return {
        "id": channel.id,
        "name": channel.name,
        "type": channel.type,
        "topic": channel.topic,
    }


def _show_member(world: World, member: Member, is_viewer: bool, now: float) -> dict[str, object]:
    shown: dict[str, object] = {
        "id": member.id,
        "name": member.name,
        "is_bot": member.is_bot,
        "is_viewer": is_viewer,
        "status": "online" if is_viewer else "offline",
        "text": "",
    }
    if member.is_bot:
        presence = world.gateway.sessions.presence(now).to_json()
        shown |= {"status": presence["status"], "text": presence["text"]}
    return shown


def _show_messages(world: World, channel_id: str) -> list[dict[str, object]]:
    newest = (
        one
        for one in reversed(world.store.messages.values())
        if one.channel_id == channel_id and one.deleted_at is None
    )
    shown = [world.message_json(one) for one in islice(newest, MESSAGES_SHOWN)]
    return shown[::-1]
