"""Is one of these messages ours? For a create whose outcome nobody noted, long after its nonce."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

# Discord keeps a nonce for "the past few minutes"; this long after a create began we rather look.
# https://docs.discord.com/developers/resources/message#create-message
NONCE_TRUST = timedelta(minutes=1)
# How much earlier than our note of it a message may have been made, by Discord's clock.
CLOCK_SLACK = timedelta(minutes=2)


def find_own(messages: Iterable[Any], bot_id: str, body: Mapping[str, Any]) -> str:
    """Return the id of the newest of *messages* that *bot_id* wrote for the card of *body*.

    Return "" if there is none. The nonce tells for certain where Discord still gives it; else the
    page that the embed points at, or without a link the subject in its title.
    """
    found = [
        str(message["id"])
        for message in messages
        if isinstance(message, dict)
        and _author_of(message) == bot_id
        and (message.get("nonce") == body["nonce"] or _same_subject(message, body))
    ]
    return max(found, key=int, default="")


def _author_of(message: Mapping[str, Any]) -> str:
    author = message.get("author")
    return str(author.get("id", "")) if isinstance(author, dict) else ""


def _same_subject(message: Mapping[str, Any], body: Mapping[str, Any]) -> bool:
    theirs, ours = _first_embed(message), _first_embed(body)
    if not theirs or not ours:
        return False
    if "url" in ours:
        return bool(theirs.get("url") == ours["url"])
    return _subject(theirs) == _subject(ours)


def _first_embed(message: Mapping[str, Any]) -> Mapping[str, Any]:
    embeds = message.get("embeds")
    return embeds[0] if isinstance(embeds, list) and embeds else {}


def _subject(embed: Mapping[str, Any]) -> str:
    return str(embed.get("title", "")).split(" · ")[0]
