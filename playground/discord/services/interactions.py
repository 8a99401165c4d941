"""Answer interactions: the callback, `@original` and follow-ups.

https://docs.discord.com/developers/interactions/receiving-and-responding
"""

from __future__ import annotations

from collections.abc import Mapping

from playground.discord.core import check
from playground.discord.core.command import choices
from playground.discord.core.message import (
    COMMAND,
    EPHEMERAL,
    LOADING,
    ON_CREATE,
    REPLY,
    Message,
    Version,
    first_version,
    next_version,
)
from playground.discord.core.refusal import (
    ALREADY_ACKNOWLEDGED,
    INVALID_WEBHOOK_TOKEN,
    UNKNOWN_INTERACTION,
    UNKNOWN_MESSAGE,
    UNKNOWN_WEBHOOK,
    Refused,
    invalid_form,
)
from playground.discord.rules import violations
from playground.discord.services.ask import Answer, Ask
from playground.discord.services.messages import change_message
from playground.discord.services.upload import keep_files, refuse_files
from playground.discord.services.world import Interaction, World

PONG, MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE, AUTOCOMPLETE, MODAL = 1, 4, 5, 6, 7, 8, 9
TYPES = (PONG, MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE, AUTOCOMPLETE, MODAL)
TOKEN_SECONDS = 15 * 60


def callback(world: World, ask: Ask) -> Answer:
    """Take the first answer to an interaction."""
    interaction = world.interactions.get(ask.params["interaction_token"])
    if interaction is None or interaction.id != ask.params["interaction_id"]:
        raise Refused(UNKNOWN_INTERACTION)
    if interaction.acknowledged is not None:
        raise Refused(ALREADY_ACKNOWLEDGED)
    if ask.now - interaction.created_at > world.options.answer_within_seconds:
        raise Refused(UNKNOWN_INTERACTION)
    acknowledge(world, interaction, ask)
    return Answer(204, message_id=interaction.original_id or "")


def acknowledge(world: World, interaction: Interaction, ask: Ask) -> None:
    """Carry out a callback's body: post, defer, or change the message it came from."""
    payload = ask.payload()
    if found := list(check.choice(payload.get("type"), ("type",), TYPES)):
        raise Refused(invalid_form(found))
    kind, data = payload["type"], check.mapped(payload.get("data"))
    if kind == AUTOCOMPLETE:
        found = list(choices(data.get("choices"), ("data", "choices")))
    elif kind in (MESSAGE, UPDATE):
        found = violations(data, edit=kind == UPDATE, files=len(ask.files))
    if found:
        raise Refused(invalid_form(found))
    if kind in (MESSAGE, DEFERRED):
        message = _post(world, interaction, data, ask, is_deferred=kind == DEFERRED)
        interaction.original_id = message.id
    elif kind in (UPDATE, DEFERRED_UPDATE):
        interaction.original_id = interaction.message_id
        source = world.store.messages.get(interaction.message_id or "")
        if kind == UPDATE and source is not None:
            change_message(world, source, Ask(ask.params, {}, data, ask.files, ask.now))
    interaction.acknowledged = kind if isinstance(kind, int) else None
    interaction.answer = dict(data)


def get_original(world: World, ask: Ask) -> Answer:
    """Give the message `@original` names, or a follow-up."""
    return Answer(200, world.message_json(_named(world, ask)))


def edit_original(world: World, ask: Ask) -> Answer:
    """Edit `@original` or a follow-up; this also completes a deferred answer."""
    message = _named(world, ask)
    if message.shown.flags & LOADING:
        _complete(world, message, ask)
    else:
        change_message(world, message, ask)
    return Answer(200, world.message_json(message), message_id=message.id)


def delete_original(world: World, ask: Ask) -> Answer:
    """Delete `@original` or a follow-up."""
    message = _named(world, ask)
    world.store.delete(message, world.guild.bot_id, ask.now)
    world.tell("delete", message)
    return Answer(204, message_id=message.id)


def follow_up(world: World, ask: Ask) -> Answer:
    """Post a follow-up; right after a deferral it completes the original instead."""
    interaction = _valid(world, ask)
    original = world.store.messages.get(interaction.original_id or "")
    if original is not None and original.shown.flags & LOADING:
        _complete(world, original, ask)
        return Answer(200, world.message_json(original), message_id=original.id)
    payload = ask.payload()
    if found := violations(payload, files=len(ask.files)):
        raise Refused(invalid_form(found))
    message = _post(world, interaction, payload, ask, is_deferred=False)
    message.type, message.reply_to = REPLY, interaction.original_id
    return Answer(200, world.message_json(message), message_id=message.id)


def _valid(world: World, ask: Ask) -> Interaction:
    interaction = world.interactions.get(ask.params["interaction_token"])
    if interaction is None or ask.params["application_id"] != world.options.application_id:
        raise Refused(UNKNOWN_WEBHOOK)
    if ask.now - interaction.created_at > TOKEN_SECONDS:
        raise Refused(INVALID_WEBHOOK_TOKEN)
    if interaction.acknowledged is None:
        # Asked before Discord has seen the first answer: discord-api-docs #7220.
        raise Refused(UNKNOWN_WEBHOOK)
    return interaction


def _named(world: World, ask: Ask) -> Message:
    interaction = _valid(world, ask)
    name = ask.params.get("message_id", "@original")
    identity = interaction.original_id if name == "@original" else name
    message = world.store.messages.get(identity or "")
    if message is None or message.deleted_at is not None:
        raise Refused(UNKNOWN_MESSAGE)
    if message.interaction_id != interaction.id and message.id != interaction.message_id:
        raise Refused(UNKNOWN_MESSAGE)
    return message


def _post(
    world: World,
    interaction: Interaction,
    data: Mapping[str, object],
    ask: Ask,
    *,
    is_deferred: bool,
) -> Message:
    refuse_files(ask.files)
    # Without allowed_mentions an interaction's answer pings users only.
    data = {"allowed_mentions": {"parse": ["users"]}, **data}
    version = _first(world, interaction.channel_id, data, ask, is_deferred=is_deferred)
    message = Message(
        id=world.mint.mint(ask.now),
        channel_id=interaction.channel_id,
        author_id=world.guild.bot_id,
        created_at=ask.now,
        versions=[version],
        type=COMMAND,
        notified=version.mentions.names(),
        interaction_id=interaction.id,
    )
    # Nobody but the caller sees an ephemeral answer, the bot's own routes included.
    world.store.add(message, is_listed=not version.flags & EPHEMERAL)
    world.tell("message", message)
    return message


def _first(
    world: World, channel_id: str, data: Mapping[str, object], ask: Ask, *, is_deferred: bool
) -> Version:
    if is_deferred:
        flags = data.get("flags")
        kept = flags & EPHEMERAL if isinstance(flags, int) else 0
        return Version(at=ask.now, cause="create", flags=kept | LOADING)
    attachments = keep_files(world, channel_id, data, ask)
    return first_version(data, attachments, ask.now, settable=ON_CREATE | EPHEMERAL)


def _complete(world: World, message: Message, ask: Ask) -> None:
    payload = ask.payload()
    if found := violations(payload, files=len(ask.files)):
        raise Refused(invalid_form(found))
    attachments = keep_files(world, message.channel_id, payload, ask)
    shown = message.shown
    done = next_version(shown, payload, attachments, ask.now)
    flags = done.flags & ~LOADING | shown.flags & EPHEMERAL
    world.store.change(
        message,
        Version(
            at=ask.now,
            cause="callback",
            content=done.content,
            embeds=done.embeds,
            components=done.components,
            attachments=attachments,
            flags=flags,
            mentions=done.mentions,
        ),
    )
    world.tell("message", message)
