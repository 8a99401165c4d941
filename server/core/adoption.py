"""Is one of these messages ours? For a create whose outcome nobody noted, long after its nonce."""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any

# Discord keeps a nonce for "the past few minutes"; this long after a create began we rather look.
# https://docs.discord.com/developers/resources/message#create-message
NONCE_TRUST = timedelta(minutes=1)
# How much earlier than our note of it a message may have been made, by Discord's clock.
CLOCK_SLACK = timedelta(minutes=2)


Alike = Callable[[Mapping[str, Any], Mapping[str, Any]], bool]


def find_own(
    messages: Iterable[Any], bot_id: str, body: Mapping[str, Any], alike: Alike | None = None
) -> str:
    """Return the id of the newest of *messages* that *bot_id* wrote for the card of *body*.

    Return "" if there is none. The nonce tells for certain where Discord still gives it; else the
    *alike* decides, by default the page that the embed points at, or without a link the subject.
    """
    alike = alike or same_subject
    found = [
        str(message["id"])
        for message in messages
        if isinstance(message, dict)
        and _author_of(message) == bot_id
        and (message.get("nonce") == body["nonce"] or alike(message, body))
    ]
    return max(found, key=int, default="")


def _author_of(message: Mapping[str, Any]) -> str:
    author = message.get("author")
    return str(author.get("id", "")) if isinstance(author, dict) else ""


def same_subject(message: Mapping[str, Any], body: Mapping[str, Any]) -> bool:
    """Tell whether two cards are about the same build, account or repository."""
    theirs, ours = _first_embed(message), _first_embed(body)
    if not theirs or not ours:
        return False
    if "url" in ours:
        return bool(theirs.get("url") == ours["url"])
    return _subject(theirs) == _subject(ours)


def same_text(message: Mapping[str, Any], body: Mapping[str, Any]) -> bool:
    """Tell whether two pushed messages say the same; links, for one, do not tell them apart."""
    texts = [
        (
            str(one.get("content", "")).strip(),
            str(_first_embed(one).get("title", "")).strip(),
            str(_first_embed(one).get("description", "")).strip(),
        )
        for one in (message, body)
    ]
    return texts[0] == texts[1]


def _first_embed(message: Mapping[str, Any]) -> Mapping[str, Any]:
    embeds = message.get("embeds")
    return embeds[0] if isinstance(embeds, list) and embeds else {}


def _subject(embed: Mapping[str, Any]) -> str:
    return str(embed.get("title", "")).split(" · ")[0]
