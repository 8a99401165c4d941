"""Recovery: find the message that a create made whose outcome was never noted.

Long after its nonce expired, only the channel's messages show it. A message is taken for the card's
only if that is certain: it carries the card's mark, or no other card may have sent one like it.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import timedelta
from typing import Any

from server.core.discord.types import Message

# Discord keeps a nonce for "the past few minutes"; this long after a create began we rather look.
# https://docs.discord.com/developers/resources/message#create-message
NONCE_TRUST = timedelta(minutes=1)
# How much earlier than our note of it a message may have been made, by Discord's clock.
CLOCK_SLACK = timedelta(minutes=2)

# The mark is the number of the first component: people do not see it, and Discord gives it back. It
# counts them from 1 itself where a message gives no number.
# https://docs.discord.com/developers/components/reference#anatomy-of-a-component
LOWEST_MARK, MARKS = 1 << 20, (1 << 31) - (1 << 20)

# What a bot posts itself, and a reply; answers to commands look the same and are of another type.
# https://docs.discord.com/developers/resources/message#message-object-message-types
DEFAULT, REPLY = 0, 19


def marked(message: Message, nonce: str) -> Mapping[str, Any]:
    """Return the body of *message* with the mark of its nonce, where it has room for one."""
    if not message["components"]:
        return message
    first, *rest = message["components"]
    return {**message, "components": [{**first, "id": mark(nonce)}, *rest]}


def mark(nonce: str) -> int:
    """Return the number that stands for a nonce."""
    return LOWEST_MARK + int(nonce, 16) % MARKS


def candidates(
    messages: Iterable[Any],
    bot_id: str,
    body: Mapping[str, Any],
    rivals: Sequence[Mapping[str, Any]] = (),
) -> list[str]:
    """Return the ids of those *messages* that *bot_id* can only have written for *body*'s card.

    The *rivals* are what other cards would send whose message is not known either. Whether a card
    has noted one of the messages as its own is left to the caller.
    """
    return [
        str(message["id"])
        for message in messages
        if isinstance(message, dict)
        and _author_of(message) == bot_id
        and _is_same_kind(message, body)
        and _is_made_for(message, body, rivals)
    ]


def newest_own(ids: Iterable[str], owned: Set[str]) -> str:
    """Return the newest of *ids* that belongs to no card, or ""."""
    return max((one for one in ids if one not in owned), key=int, default="")


def _is_made_for(
    message: Mapping[str, Any], body: Mapping[str, Any], rivals: Sequence[Mapping[str, Any]]
) -> bool:
    if message.get("nonce") == body["nonce"]:
        return True
    found = _mark_of(message)
    if found:
        return found == _mark_of(body)
    return _is_alike(message, body) and not any(_is_alike(message, rival) for rival in rivals)


def _is_same_kind(message: Mapping[str, Any], body: Mapping[str, Any]) -> bool:
    """Tell a card's message, a reply to it, and an answer to a command apart."""
    if message.get("webhook_id") or message.get("interaction_metadata"):
        return False
    if "message_reference" not in body:
        return bool(message.get("type", DEFAULT) == DEFAULT)
    theirs = message.get("message_reference")
    target = theirs.get("message_id") if isinstance(theirs, dict) else None
    is_reply = message.get("type", REPLY) == REPLY
    return is_reply and target in (None, body["message_reference"]["message_id"])


def _mark_of(message: Mapping[str, Any]) -> int:
    """Return a message's mark, 0 if it has none."""
    components = message.get("components")
    first = components[0] if isinstance(components, list) and components else None
    number = first.get("id") if isinstance(first, dict) else None
    return number if isinstance(number, int) and number >= LOWEST_MARK else 0


def _author_of(message: Mapping[str, Any]) -> str:
    author = message.get("author")
    return str(author.get("id", "")) if isinstance(author, dict) else ""


def _is_alike(message: Mapping[str, Any], body: Mapping[str, Any]) -> bool:
    """Tell whether a message says what *body* says, or is of the same build in another state."""
    theirs, ours = _first_embed(message), _first_embed(body)
    if not ours or "content" in body:
        return _texts(message) == _texts(body)
    return bool(theirs) and (theirs.get("url"), _subject(theirs)) == (
        ours.get("url"),
        _subject(ours),
    )


def _texts(message: Mapping[str, Any]) -> tuple[str, ...]:
    embed = _first_embed(message)
    texts = (message.get("content"), embed.get("title"), embed.get("description"))
    return tuple(str(text or "").strip() for text in texts)


def _subject(embed: Mapping[str, Any]) -> str:
    """Return which build a title is about, or the whole title of anything else."""
    title = str(embed.get("title", ""))
    build, _, _ = title.partition(" · ")
    return build if " #" in build else title


def _first_embed(message: Mapping[str, Any]) -> Mapping[str, Any]:
    embeds = message.get("embeds")
    return embeds[0] if isinstance(embeds, list) and embeds else {}
