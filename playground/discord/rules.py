"""Tell what Discord would refuse in a message's body; pure, for the stand-in and for tests.

What only the stored message or the channel can tell (an edit that leaves nothing, a reply to a
message that is gone, a missing permission) is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from playground.discord.core import check
from playground.discord.core.attachment import attachments
from playground.discord.core.component import legacy_components
from playground.discord.core.embed import embeds, is_blank
from playground.discord.core.layout import layout_components
from playground.discord.core.mention import allowed_mentions
from playground.discord.core.violation import EMPTY_MESSAGE, Violation

__all__ = ["MAX_CONTENT", "MAX_NONCE", "Violation", "has_layout_flag", "violations"]

MAX_CONTENT = 2000
MAX_NONCE = 25
MAX_INT64 = 2**63 - 1
IS_COMPONENTS_V2 = 1 << 15
_LEGACY_ONLY = ("content", "embeds", "poll", "sticker_ids")
# What alone makes a message worth sending; a forward needs only its reference.
_SUBSTANCE = ("sticker_ids", "components", "poll", "shared_client_theme")


def violations(
    payload: Mapping[str, object],
    *,
    edit: bool = False,
    files: int = 0,
    kept: frozenset[str] = frozenset(),
    layout: bool = False,
) -> list[Violation]:
    """List everything Discord would refuse in *payload*, in the order of its fields.

    *files* counts the files sent along, *kept* names the attachments an edited message has, and
    *layout* says that the edited message has the V2 flag already. An empty list means accepted.
    """
    found = [
        *check.text(payload.get("content"), ("content",), most=MAX_CONTENT),
        *embeds(payload.get("embeds")),
        *check.integer(payload.get("flags"), ("flags",), least=0, most=MAX_INT64),
        *allowed_mentions(payload.get("allowed_mentions")),
        *_components(payload, layout=layout),
        *attachments(payload.get("attachments"), files=files, kept=kept),
    ]
    if not edit:
        found += _only_on_create(payload)
        if not found and not files and _is_empty(payload):
            found.append(Violation((), EMPTY_MESSAGE, "Cannot send an empty message"))
    return found


def has_layout_flag(payload: Mapping[str, object]) -> bool:
    """Tell whether the body asks for Components V2."""
    flags = payload.get("flags")
    return isinstance(flags, int) and bool(flags & IS_COMPONENTS_V2)


def _components(payload: Mapping[str, object], *, layout: bool) -> Iterator[Violation]:
    if not (layout or has_layout_flag(payload)):
        yield from legacy_components(payload.get("components"))
        return
    yield from layout_components(payload.get("components"))
    for key in _LEGACY_ONLY:
        if payload.get(key):
            message = f"The '{key}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
            code = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"
            yield Violation((key,), code, message)


def _only_on_create(payload: Mapping[str, object]) -> Iterator[Violation]:
    yield from _nonce(payload.get("nonce"))
    yield from check.boolean(payload.get("enforce_nonce"), ("enforce_nonce",))
    yield from check.boolean(payload.get("tts"), ("tts",))
    yield from check.collection(payload.get("sticker_ids"), ("sticker_ids",), most=3)
    reference = payload.get("message_reference")
    yield from check.record(reference, ("message_reference",))
    if isinstance(reference, dict):
        yield from check.snowflake(reference.get("message_id"), ("message_reference", "message_id"))
        flag = reference.get("fail_if_not_exists")
        yield from check.boolean(flag, ("message_reference", "fail_if_not_exists"))


def _nonce(nonce: object) -> Iterator[Violation]:
    if isinstance(nonce, str):
        yield from check.text(nonce, ("nonce",), most=MAX_NONCE)
    else:
        yield from check.integer(nonce, ("nonce",), least=-MAX_INT64 - 1, most=MAX_INT64)


def _is_empty(payload: Mapping[str, object]) -> bool:
    if check.trimmed(payload.get("content")) or any(payload.get(key) for key in _SUBSTANCE):
        return False
    if check.mapped(payload.get("message_reference")).get("type") == 1:
        return False
    return all(is_blank(check.mapped(one)) for one in check.listed(payload.get("embeds")))
