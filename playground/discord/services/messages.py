"""Create, edit, read and delete messages as the bot does."""

from __future__ import annotations

from collections.abc import Mapping

from playground.discord.core import check
from playground.discord.core.guild import Channel
from playground.discord.core.message import (
    DEFAULT,
    EPHEMERAL,
    IS_COMPONENTS_V2,
    REPLY,
    Message,
    first_version,
    next_version,
)
from playground.discord.core.permission import Permission
from playground.discord.core.refusal import (
    AUTHORED_BY_ANOTHER,
    EMPTY,
    REPLY_WITHOUT_HISTORY,
    THREAD_ARCHIVED,
    UNKNOWN_MESSAGE,
    Refused,
    invalid_form,
)
from playground.discord.core.snowflake import created_at
from playground.discord.core.violation import Violation
from playground.discord.rules import violations
from playground.discord.services.access import require, require_writing, visible_channel
from playground.discord.services.ask import Answer, Ask, number
from playground.discord.services.upload import keep_files, refuse_files
from playground.discord.services.world import World


def create_message(world: World, ask: Ask) -> Answer:
    """Create a message, or give back the one an enforced nonce names."""
    channel = visible_channel(world, ask)
    payload = ask.payload()
    require_writing(world, channel, payload, has_files=bool(ask.files))
    refuse_files(ask.files)
    if found := violations(payload, files=len(ask.files)):
        raise Refused(invalid_form(found))
    nonce = payload.get("nonce")
    if payload.get("enforce_nonce") and isinstance(nonce, str | int):
        earlier = world.nonces.find(world.guild.bot_id, str(nonce), ask.now)
        if earlier is not None:
            return _repeat(world, earlier, nonce)
    message = _new_message(world, channel, ask)
    if isinstance(nonce, str | int):
        message.nonce = nonce
        world.nonces.keep(message.author_id, str(nonce), message.id, ask.now)
    world.store.add(message)
    # A message opens an archived thread, and whoever posted in it belongs to it.
    channel.is_archived = False
    channel.members.add(message.author_id)
    world.tally["created"] += 1
    world.tell("message", message)
    body = world.message_json(message)
    return Answer(200, body if nonce is None else {**body, "nonce": nonce}, message_id=message.id)


def edit_message(world: World, ask: Ask) -> Answer:
    """Edit one of the bot's own messages."""
    channel = visible_channel(world, ask)
    message = _existing(world, ask)
    if message.author_id != world.guild.bot_id:
        raise Refused(AUTHORED_BY_ANOTHER)
    if channel.is_archived:
        raise Refused(THREAD_ARCHIVED)
    if ask.files:
        require(world, channel, Permission.ATTACH_FILES)
    change_message(world, message, ask)
    return Answer(200, world.message_json(message), message_id=message.id)


def get_message(world: World, ask: Ask) -> Answer:
    """Give one message."""
    channel = visible_channel(world, ask)
    require(world, channel, Permission.READ_MESSAGE_HISTORY)
    return Answer(200, world.message_json(_existing(world, ask)))


def list_messages(world: World, ask: Ask) -> Answer:
    """Give a channel's messages from new to old; without the history permission, none."""
    channel = visible_channel(world, ask)
    limit = number(ask, "limit", least=1, most=100) or 50
    before = number(ask, "before", least=0, most=check.MAX_SNOWFLAKE)
    after = number(ask, "after", least=0, most=check.MAX_SNOWFLAKE)
    if not world.guild.permissions(channel) & Permission.READ_MESSAGE_HISTORY:
        return Answer(200, [])
    found = world.store.page(channel.id, before=before, after=after, limit=limit)
    return Answer(200, [world.message_json(message) for message in found])


def delete_message(world: World, ask: Ask) -> Answer:
    """Delete a message: one's own, or with MANAGE_MESSAGES anybody's."""
    channel = visible_channel(world, ask)
    message = _existing(world, ask)
    if message.author_id != world.guild.bot_id:
        require(world, channel, Permission.MANAGE_MESSAGES)
    if channel.is_archived:
        raise Refused(THREAD_ARCHIVED)
    world.store.delete(message, world.guild.bot_id, ask.now)
    world.tell("delete", message)
    return Answer(204, message_id=message.id)


def change_message(world: World, message: Message, ask: Ask) -> None:
    """Apply an edit's body to a message, or refuse it."""
    payload, shown = ask.payload(), message.shown
    refuse_files(ask.files)
    old = {str(one["id"]): one for one in shown.attachments}
    is_layout = bool(shown.flags & IS_COMPONENTS_V2)
    found = violations(
        payload, edit=True, files=len(ask.files), kept=frozenset(old), layout=is_layout
    )
    if found:
        raise Refused(invalid_form(found))
    kept = list(old.values())
    if payload.get("attachments") is not None:
        listed = [str(check.mapped(one).get("id")) for one in check.listed(payload["attachments"])]
        kept = [old[one] for one in listed if one in old]
    added = keep_files(world, message.channel_id, payload, ask)
    version = next_version(shown, payload, kept + added, ask.now)
    if version.is_empty:
        raise Refused(EMPTY)
    if version.flags & IS_COMPONENTS_V2 and (version.content or version.embeds):
        raise Refused(invalid_form(violations({"flags": version.flags, "content": "x"}, edit=True)))
    world.store.change(message, version)
    world.tally["edited"] += 1
    world.tell("message", message)


def _repeat(world: World, message_id: str, nonce: object) -> Answer:
    message = world.store.messages.get(message_id)
    if message is None or message.deleted_at is not None:
        # Meant so: a retry shall not bring back what somebody deleted (discord-api-docs #6647).
        raise Refused(UNKNOWN_MESSAGE)
    world.tally["repeated"] += 1
    return Answer(200, {**world.message_json(message), "nonce": nonce}, message_id=message_id)


def _new_message(world: World, channel: Channel, ask: Ask) -> Message:
    payload = ask.payload()
    target = _reply_target(world, channel, payload)
    attachments = keep_files(world, channel.id, payload, ask)
    version = first_version(payload, attachments, ask.now)
    notified = version.mentions.names()
    mentioned = check.mapped(payload.get("allowed_mentions"))
    pings_author = mentioned.get("replied_user") or not payload.get("allowed_mentions")
    if target and target.author_id != world.guild.bot_id and pings_author:
        notified = list(dict.fromkeys([*notified, target.author_id]))
    identity = world.mint.mint(ask.now)
    return Message(
        id=identity,
        channel_id=channel.id,
        author_id=world.guild.bot_id,
        created_at=created_at(identity),
        versions=[version],
        type=REPLY if target else DEFAULT,
        reply_to=target.id if target else None,
        notified=notified,
    )


def _reply_target(world: World, channel: Channel, payload: Mapping[str, object]) -> Message | None:
    reference = check.mapped(payload.get("message_reference"))
    if not reference:
        return None
    if not world.guild.permissions(channel) & Permission.READ_MESSAGE_HISTORY:
        raise Refused(REPLY_WITHOUT_HISTORY)
    target = world.store.find(channel.id, str(reference.get("message_id")))
    if target is None and reference.get("fail_if_not_exists", True) is not False:
        violation = Violation(("message_reference",), "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
        raise Refused(invalid_form([violation]))
    return target


def _existing(world: World, ask: Ask) -> Message:
    message = world.store.find(ask.params["channel_id"], ask.params["message_id"])
    if message is None or message.shown.flags & EPHEMERAL:
        raise Refused(UNKNOWN_MESSAGE)
    return message
