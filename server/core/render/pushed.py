"""What a channel shows of a pushed message.

Its text is the caller's own Markdown and goes in as it is: a token is needed to write
here. A bare text becomes the message itself; with a title, a level or an address it stands in an
embed.
"""

import re

from server.core.discord import limits
from server.core.discord.markdown import graphemes
from server.core.discord.types import Attachment, Embed, Message, link_rows
from server.core.model.pushed import Pushed, Put
from server.core.render.appearance import BLUE, GREEN, GREY, RED, YELLOW

FILE_NAME = "message.txt"

# The levels, each with its colour and the title of a message that has none.
LEVELS = {
    "debug": (GREY, "🐞 Debug"),
    "info": (BLUE, "ℹ️ Info"),
    "success": (GREEN, "✅ Success"),
    "warning": (YELLOW, "⚠️ Warning"),
    "error": (RED, "❌ Error"),
}

_MENTION = re.compile(r"<@[!&]?[0-9]{17,20}>|@everyone|@here")
_FENCE_MARK = "```"
_LONGEST_TAIL = 100


def render_pushed(pushed: Pushed, with_file: bool = True) -> Message:
    """Show a pushed message; it mentions people only if its token may."""
    put = pushed.put
    if put is None:  # nothing was ever put, and so nothing is ever sent
        return Message(embeds=[], components=[], allowed_mentions={"parse": []})
    rings = ["users", "roles", "everyone"] if put.mentions else []
    message = Message(
        embeds=[],
        components=link_rows(("Open", put.url)),
        allowed_mentions={"parse": rings},
        attachments=[],
    )
    if put.title or put.level or put.url:
        beginning = _beginning(put, limits.EMBED_DESCRIPTION, with_file)
        message["embeds"] = [_embed(put, beginning)]
        # Only what stands in the content can ring.
        message["content"] = _mentions(put.text) if put.mentions else ""
    else:
        beginning = _beginning(put, limits.CONTENT, with_file)
        message["content"] = beginning
    if beginning != put.text and with_file:
        about = f"The whole message, {put.length} characters"
        if put.digest:
            about += f", SHA-256 {put.digest}"
        message["attachments"] = [Attachment(id=0, filename=FILE_NAME, description=about)]
    return message


def _embed(put: Put, beginning: str) -> Embed:
    color, word = LEVELS[put.level or "info"]
    title = put.title or (word if put.level else put.url[: limits.EMBED_TITLE])
    embed = Embed(title=title, description=beginning, color=color)
    if put.url:
        embed["url"] = put.url
    return embed


def _beginning(put: Put, limit: int, with_file: bool) -> str:
    """Return the text, or as much of it as fits with a line that says what became of the rest."""
    if put.length <= limit:
        return put.text
    rest = f"see {FILE_NAME}" if with_file else "Discord did not take the rest as a file"
    tail = f"\n… {put.length} characters in all: {rest}"
    room = limit - _LONGEST_TAIL
    kept = put.text[:room]
    line = kept.rfind("\n")
    if line > room // 2:
        kept = kept[:line]
    else:  # the cut may have gone through a sign
        kept = kept[:-50] + "".join(list(graphemes(kept[-50:]))[:-1])
    if kept.count(_FENCE_MARK) % 2:
        kept += f"\n{_FENCE_MARK}"
    return kept + tail


def _mentions(text: str) -> str:
    found = dict.fromkeys(_MENTION.findall(text))
    kept = ""
    for mention in found:
        if len(kept) + len(mention) < limits.CONTENT:
            kept = f"{kept} {mention}".strip()
    return kept
