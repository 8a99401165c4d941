"""Check embeds against Discord's limits; must not look at the rest of a body.

https://docs.discord.com/developers/resources/message#embed-object-embed-limits
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from playground.discord.core import check
from playground.discord.core.link import MEDIA, link
from playground.discord.core.violation import Path, Violation

MAX_EMBEDS = 10
MAX_TITLE = 256
MAX_DESCRIPTION = 4096
MAX_FIELDS = 25
MAX_FIELD_NAME = 256
MAX_FIELD_VALUE = 1024
MAX_FOOTER_TEXT = 2048
MAX_AUTHOR_NAME = 256
MAX_COLOR = 0xFFFFFF
MAX_SUM = 6000


def embeds(value: object, path: Path = ("embeds",)) -> Iterator[Violation]:
    """Check a body's list of embeds: each one, their number, and the sum of their texts."""
    yield from check.collection(value, path, most=MAX_EMBEDS)
    every = check.listed(value)
    for index, embed in enumerate(every):
        yield from check.record(embed, (*path, index))
        yield from _embed(check.mapped(embed), (*path, index))
    if sum(text_length(check.mapped(embed)) for embed in every) > MAX_SUM:
        message = f"Embed size exceeds maximum size of {MAX_SUM}"
        yield Violation(path, "MAX_EMBED_SIZE_EXCEEDED", message)


def text_length(embed: Mapping[str, object]) -> int:
    """Count what one embed adds to the 6000 that all embeds of a message share."""
    texts = [
        embed.get("title"),
        embed.get("description"),
        check.mapped(embed.get("footer")).get("text"),
        check.mapped(embed.get("author")).get("name"),
    ]
    for field in check.listed(embed.get("fields")):
        texts += [check.mapped(field).get("name"), check.mapped(field).get("value")]
    return sum(len(check.trimmed(text)) for text in texts)


def is_blank(embed: Mapping[str, object]) -> bool:
    """Tell whether an embed shows nothing, so that Discord drops it."""
    if text_length(embed):
        return False
    return not any(embed.get(key) for key in ("image", "thumbnail", "timestamp"))


def _embed(embed: Mapping[str, object], path: Path) -> Iterator[Violation]:
    yield from check.text(embed.get("title"), (*path, "title"), most=MAX_TITLE)
    description = embed.get("description")
    yield from check.text(description, (*path, "description"), most=MAX_DESCRIPTION)
    yield from link(embed.get("url"), (*path, "url"))
    yield from check.integer(embed.get("color"), (*path, "color"), least=0, most=MAX_COLOR)
    yield from check.instant(embed.get("timestamp"), (*path, "timestamp"))
    yield from _fields(embed.get("fields"), (*path, "fields"))
    yield from _footer(embed.get("footer"), (*path, "footer"))
    yield from _author(embed.get("author"), (*path, "author"))
    for key in ("image", "thumbnail"):
        yield from _picture(embed.get(key), (*path, key))


def _fields(value: object, path: Path) -> Iterator[Violation]:
    yield from check.collection(value, path, most=MAX_FIELDS)
    for index, item in enumerate(check.listed(value)):
        here = (*path, index)
        yield from check.record(item, here)
        field = check.mapped(item)
        name, content = field.get("name"), field.get("value")
        yield from check.text(name, (*here, "name"), most=MAX_FIELD_NAME, needed=True)
        yield from check.text(content, (*here, "value"), most=MAX_FIELD_VALUE, needed=True)
        yield from check.boolean(field.get("inline"), (*here, "inline"))


def _footer(value: object, path: Path) -> Iterator[Violation]:
    yield from check.record(value, path)
    if isinstance(value, dict):
        text = value.get("text")
        yield from check.text(text, (*path, "text"), most=MAX_FOOTER_TEXT, needed=True)
        yield from link(value.get("icon_url"), (*path, "icon_url"), MEDIA)


def _author(value: object, path: Path) -> Iterator[Violation]:
    yield from check.record(value, path)
    if isinstance(value, dict):
        name = value.get("name")
        yield from check.text(name, (*path, "name"), most=MAX_AUTHOR_NAME, needed=True)
        yield from link(value.get("url"), (*path, "url"))
        yield from link(value.get("icon_url"), (*path, "icon_url"), MEDIA)


def _picture(value: object, path: Path) -> Iterator[Violation]:
    yield from check.record(value, path)
    if isinstance(value, dict):
        yield from link(value.get("url"), (*path, "url"), MEDIA, needed=True)
