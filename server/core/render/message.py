"""What a channel shows: from a state to the JSON of one Discord message."""

import hashlib
import json
import re

from server.core.discord import limits
from server.core.discord.markdown import ELLIPSIS, escape
from server.core.discord.types import ActionRow, Embed, Message
from server.core.discord.urls import pages
from server.core.model.account import AccountEvent
from server.core.model.build import BuildState
from server.core.model.pushed import Pushed
from server.core.model.stage_end import with_ended_stages
from server.core.render import account as account_embed
from server.core.render import build as build_embed
from server.core.render.pushed import render_pushed

__all__ = ["Embed", "Message", "degraded", "fingerprint", "render"]

PLAIN_TEXT = 3  # the last level of degradation
AUTHOR = 200

_FENCE_MARK = "```"
# A block of code or an escape, to be kept; or one of our links, whose label has no brackets.
_LINK = re.compile(r"(```.*?```|\\.)|\[([^\[\]]*)\]\([^()]*\)", re.DOTALL)


def render(
    content: BuildState | AccountEvent | Pushed,
    public_url: str = "",
    has_controls: bool = False,
    with_file: bool = True,
) -> Message:
    """Show *content*, with links to Drone at *public_url* or else where Drone says it is.

    With *has_controls*, a build's card offers what can be done to it. Without its file, a pushed
    text that is too long is cut.
    """
    if isinstance(content, Pushed):
        return render_pushed(content, with_file)
    system = content.system
    if isinstance(content, AccountEvent):
        found = pages(public_url, system.link, content.name)
        card, rows = account_embed.embed(content, found), account_embed.buttons(content, found)
    else:
        content = with_ended_stages(content)
        found = pages(public_url, system.link, content.repo.slug)
        card, rows = (
            build_embed.embed(content, found, has_controls),
            build_embed.buttons(content, found, has_controls),
        )
    return Message(embeds=[card], components=rows, allowed_mentions={"parse": []})


def fingerprint(message: Message) -> str:
    """Tell messages apart that look different: the SHA-256 of the canonical JSON."""
    canonical = json.dumps(message, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()


def degraded(message: Message, level: int) -> Message:
    """Give up parts of a *message* that Discord refused: 1 links, 2 fields too, 3 all but text."""
    if level <= 0:
        return message
    shorter = Message(
        embeds=[_without_links(embed, with_fields=level == 1) for embed in message["embeds"]],
        components=_without_link_buttons(message["components"]),
        allowed_mentions=message["allowed_mentions"],
    )
    if "content" in message:
        shorter["content"] = message["content"]
    if "attachments" in message:
        shorter["attachments"] = message["attachments"]
    if level >= PLAIN_TEXT and message["embeds"]:
        shorter["content"], shorter["embeds"] = _text(message["embeds"]), []
    return shorter


def _without_links(embed: Embed, with_fields: bool) -> Embed:
    shown = Embed(
        title=embed["title"],
        description=_unlinked(embed["description"]),
        color=embed["color"],
    )
    if "author" in embed:
        shown["author"] = {"name": embed["author"]["name"]}
    if "footer" in embed:
        shown["footer"] = {"text": embed["footer"]["text"]}
    if "timestamp" in embed:
        shown["timestamp"] = embed["timestamp"]
    if with_fields and "fields" in embed:
        shown["fields"] = [
            {**field, "value": _unlinked(field["value"])} for field in embed["fields"]
        ]
    return shown


def _without_link_buttons(rows: list[ActionRow]) -> list[ActionRow]:
    kept = ([button for button in row["components"] if "url" not in button] for row in rows)
    return [ActionRow(type=1, components=buttons) for buttons in kept if buttons]


def _unlinked(markdown: str) -> str:
    return _LINK.sub(lambda found: found[1] or found[2], markdown)


def _text(embeds: list[Embed]) -> str:
    """Write *embeds* as text of whole lines that fits a message, closing an open code block."""
    parts = []
    for embed in embeds:
        by = f"{escape(embed['author']['name'], AUTHOR)}\n" if "author" in embed else ""
        parts.append(f"**{embed['title']}**\n{by}{_unlinked(embed['description'])}")
    text = "\n".join(parts)
    if len(text) <= limits.CONTENT:
        return text
    room = limits.CONTENT - len(f"\n{ELLIPSIS}\n{_FENCE_MARK}")
    kept = text[: text.rfind("\n", 0, room + 1)]
    closing = f"\n{_FENCE_MARK}" if kept.count(_FENCE_MARK) % 2 else ""
    return f"{kept}\n{ELLIPSIS}{closing}"
