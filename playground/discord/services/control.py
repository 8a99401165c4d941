"""Carry out what tests and the page order: channels, limits, and read-outs."""

from __future__ import annotations

from collections.abc import Mapping

from playground.discord.core.bucket import parse_rate
from playground.discord.core.fault import Fault
from playground.discord.core.guild import Channel
from playground.discord.core.message import Message
from playground.discord.core.permission import Overwrite, Permission
from playground.discord.core.snowflake import is_snowflake
from playground.discord.services.order import BadOrder, Order
from playground.discord.services.world import World

_CHANNEL_KEYS = ("name", "type", "topic", "archived", "locked", "parent_id", "deny", "overwrites")
_LIMIT_KEYS = ("old_after_seconds", "nonce_window_seconds")


def set_channel(world: World, channel_id: str, body: object) -> dict[str, object]:
    """Make or change a channel; `deny` names permissions the bot loses there."""
    order = Order(body, _CHANNEL_KEYS)
    if not is_snowflake(channel_id):
        raise BadOrder(f"{channel_id} is no snowflake")
    known = world.channel(channel_id) or Channel(channel_id, f"channel-{channel_id[-4:]}")
    known.name = order.text("name", known.name)
    known.type = order.integer("type", known.type)
    known.topic = order.text("topic", known.topic)
    known.is_archived = order.flag("archived", default=known.is_archived)
    known.is_locked = order.flag("locked", default=known.is_locked)
    known.parent_id = order.text("parent_id", known.parent_id)
    if order.has("deny"):
        known.overwrites = _denied(world, order.texts("deny"))
    if order.has("overwrites"):
        known.overwrites = [_overwrite(one) for one in _list(body, "overwrites")]
    world.guild.channels[channel_id] = known
    world.tell("channels", None)
    return show_channel(world, known)


def show_channel(world: World, channel: Channel) -> dict[str, object]:
    """Show a channel with the names of the permissions the bot has there."""
    allowed = world.guild.permissions(channel)
    names = [one.name for one in Permission if one in allowed]
    return {**world.guild.channel_json(channel), "bot_permissions": names}


def remove_channel(world: World, channel_id: str) -> None:
    """Delete a channel: to the bot it is unknown from now on."""
    if world.guild.channels.pop(channel_id, None) is None:
        raise BadOrder(f"there is no channel {channel_id}")
    world.tell("channels", None)


def set_limits(world: World, body: object) -> dict[str, object]:
    """Change rates, the age of an old message, or the nonces' window."""
    order = Order(body, (*world.limits.rates, *_LIMIT_KEYS))
    for name in world.limits.rates:
        if order.has(name):
            try:
                world.limits.rates[name] = parse_rate(order.text(name))
            except ValueError as error:
                raise BadOrder(str(error)) from error
    world.old_after_seconds = order.seconds("old_after_seconds", world.old_after_seconds)
    window = order.seconds("nonce_window_seconds", world.nonces.window_seconds)
    world.nonces.window_seconds = window
    return show_limits(world)


def show_limits(world: World) -> dict[str, object]:
    """Show the limits in force."""
    rates = {name: str(rate) if rate else "off" for name, rate in world.limits.rates.items()}
    return {
        **rates,
        "old_after_seconds": world.old_after_seconds,
        "nonce_window_seconds": world.nonces.window_seconds,
    }


def show_fault(fault: Fault) -> dict[str, object]:
    """Show an ordered fault and how often it has hit."""
    return {name: getattr(fault, name) for name in fault.__slots__}


def show_message(message: Message) -> dict[str, object]:
    """Show a message as tests want it: with every version, deleted or not."""
    return {
        "id": message.id,
        "channel_id": message.channel_id,
        "author_id": message.author_id,
        "nonce": message.nonce,
        "created_at": message.created_at,
        "reply_to": message.reply_to,
        "notified": message.notified,
        "deleted_at": message.deleted_at,
        "deleted_by": message.deleted_by,
        "forgotten_versions": message.forgotten_versions,
        "versions": [version.to_json() for version in message.versions],
    }


def _denied(world: World, names: list[str]) -> list[Overwrite]:
    denied = Permission(0)
    for name in names:
        if name not in Permission.__members__:
            raise BadOrder(f"{name} is no permission: {', '.join(Permission.__members__)}")
        denied |= Permission[name]
    return [Overwrite(world.guild.bot_id, 1, 0, int(denied))] if names else []


def _overwrite(body: object) -> Overwrite:
    order = Order(body, ("id", "type", "allow", "deny"))
    allow, deny = order.text("allow", "0"), order.text("deny", "0")
    if not (allow.isdigit() and deny.isdigit()):
        raise BadOrder("allow and deny must be bitsets written as text")
    return Overwrite(order.text("id"), order.integer("type", 0), int(allow), int(deny))


def _list(body: object, name: str) -> list[object]:
    value = body.get(name) if isinstance(body, Mapping) else None
    if not isinstance(value, list):
        raise BadOrder(f"{name} must be a list")
    return value
