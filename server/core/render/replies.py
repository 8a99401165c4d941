"""Messages that answer a person: a text or an embed, with buttons that link."""

from server.core.discord.limits import CONTENT
from server.core.discord.types import Embed, Message, link_rows
from server.core.discord.urls import short


def text_message(said: str, *links: tuple[str, str]) -> Message:
    """Make a message of our own words, with buttons that link; it pings nobody."""
    return Message(
        content=said[:CONTENT],
        embeds=[],
        components=link_rows(*((label, short(url)) for label, url in links)),
        allowed_mentions={"parse": []},
    )


def embed_message(embed: Embed, *links: tuple[str, str]) -> Message:
    """Make a message of one embed, with buttons that link."""
    return Message(
        embeds=[embed],
        components=link_rows(*((label, short(url)) for label, url in links)),
        allowed_mentions={"parse": []},
    )
