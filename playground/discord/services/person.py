"""Do what a person does: write, delete, press a button, run a command."""

from __future__ import annotations

from playground.discord.core.guild import Channel, Member
from playground.discord.core.message import Message, first_version
from playground.discord.services.interactions import TOKEN_SECONDS
from playground.discord.services.order import BadOrder, Order
from playground.discord.services.world import Interaction, World

_INTERACTION_KEYS = ("type", "data", "channel_id", "message_id", "member_permissions", "user_id")


def write_as_person(world: World, body: object, now: float) -> Message:
    """Let a person write a message."""
    order = Order(body, ("channel_id", "content", "author_id"))
    channel = world.channel(order.text("channel_id"))
    people = [one.id for one in world.guild.members.values() if not one.is_bot]
    author_id = order.text("author_id", people[0])
    if channel is None or author_id not in people:
        raise BadOrder("there is no such channel, or no such person")
    version = first_version({"content": order.text("content")}, [], now)
    identity = world.mint.mint(now)
    message = Message(identity, channel.id, author_id, now, [version])
    world.store.add(message)
    channel.is_archived = channel.is_archived and channel.is_locked
    world.tell("message", message)
    return message


def delete_as_person(world: World, message_id: str, now: float) -> None:
    """Let a person delete a message."""
    message = world.store.messages.get(message_id)
    if message is None or message.deleted_at is not None:
        raise BadOrder(f"there is no message {message_id}")
    world.store.delete(message, "person", now)
    world.tell("delete", message)


def make_interaction(world: World, wanted: object, now: float) -> dict[str, object]:
    """Make the interaction a person starts; the caller signs it and posts it to the bridge."""
    order = Order(wanted, _INTERACTION_KEYS)
    channel = world.channel(order.text("channel_id", next(iter(world.guild.channels), "")))
    message = world.store.messages.get(order.text("message_id"))
    people = [one.id for one in world.guild.members.values() if not one.is_bot]
    member = world.guild.members.get(order.text("user_id", people[0]))
    if channel is None or member is None:
        raise BadOrder("there is no such channel, or no such person")
    identity = world.mint.mint(now)
    interaction = Interaction(
        id=identity,
        token=f"interaction-token-{identity}",
        type=order.integer("type", 2),
        channel_id=channel.id,
        created_at=now,
        message_id=message.id if message else None,
    )
    _forget_old_interactions(world, now)
    world.interactions[interaction.token] = interaction
    body = _interaction_json(world, interaction, channel, member)
    if order.has("member_permissions"):
        body["member"] = {**member.to_json(), "permissions": order.text("member_permissions")}
    body["data"] = order.mapping("data")
    return {**body, "message": world.message_json(message)} if message else body


def _interaction_json(
    world: World, interaction: Interaction, channel: Channel, member: Member
) -> dict[str, object]:
    permissions = str(int(world.guild.permissions(channel)))
    return {
        "version": 1,
        "id": interaction.id,
        "application_id": world.options.application_id,
        "type": interaction.type,
        "token": interaction.token,
        "guild_id": world.guild.id,
        "channel_id": channel.id,
        "channel": world.guild.channel_json(channel),
        "member": {**member.to_json(), "permissions": permissions},
        "app_permissions": permissions,
        "locale": "en-US",
        "guild_locale": "en-US",
        "context": 0,
        "authorizing_integration_owners": {"0": world.guild.id},
        "entitlements": [],
        "attachment_size_limit": 10 * 1024 * 1024,
    }


def show_interaction(world: World, token: str) -> dict[str, object]:
    """Show what became of an interaction."""
    interaction = world.interactions.get(token)
    if interaction is None:
        raise BadOrder("there is no such interaction")
    return {name: getattr(interaction, name) for name in interaction.__slots__}


def _forget_old_interactions(world: World, now: float) -> None:
    kept = world.interactions.items()
    world.interactions = {
        token: one for token, one in kept if abs(now - one.created_at) < 2 * TOKEN_SECONDS
    }
