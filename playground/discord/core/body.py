"""Turn an accepted body into what Discord stores and gives back (trimmed, completed, typed)."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from playground.discord.core import check
from playground.discord.core.embed import is_blank

_SURROGATE = re.compile("[\ud800-\udfff]")
_MEDIA = ("image", "thumbnail")


def instant(seconds: float | None) -> str | None:
    """Write an instant the way Discord does."""
    return None if seconds is None else datetime.fromtimestamp(round(seconds, 3), UTC).isoformat()


def clean(value: object) -> str:
    """Trim a text and strip what is no Unicode."""
    return _SURROGATE.sub("", check.trimmed(value))


def stored_embeds(value: object) -> list[dict[str, object]]:
    """Complete a body's embeds; blank ones are dropped without a word."""
    embeds = [check.mapped(embed) for embed in check.listed(value)]
    return [_embed(embed) for embed in embeds if not is_blank(embed)]


def _embed(embed: Mapping[str, object]) -> dict[str, object]:
    stored: dict[str, object] = {"type": "rich"}
    for key in ("title", "description"):
        if text := clean(embed.get(key)):
            stored[key] = text
    if isinstance(embed.get("url"), str):
        stored["url"] = embed["url"]
    if embed.get("color") is not None:
        stored["color"] = embed["color"]
    if isinstance(embed.get("timestamp"), str):
        at = datetime.fromisoformat(str(embed["timestamp"]))
        stored["timestamp"] = (at if at.tzinfo else at.replace(tzinfo=UTC)).isoformat()
    if fields := [_field(check.mapped(one)) for one in check.listed(embed.get("fields"))]:
        stored["fields"] = fields
    for key, text_key in (("footer", "text"), ("author", "name")):
        if isinstance(embed.get(key), dict):
            stored[key] = _caption(check.mapped(embed.get(key)), text_key)
    for key in _MEDIA:
        if url := check.mapped(embed.get(key)).get("url"):
            stored[key] = {"url": url, "proxy_url": url}
    return stored


def _field(field: Mapping[str, object]) -> dict[str, object]:
    return {
        "name": clean(field.get("name")),
        "value": clean(field.get("value")),
        "inline": bool(field.get("inline")),
    }


def _caption(caption: Mapping[str, object], text_key: str) -> dict[str, object]:
    stored: dict[str, object] = {text_key: clean(caption.get(text_key))}
    if text_key == "name" and caption.get("url"):
        stored["url"] = caption["url"]
    if icon := caption.get("icon_url"):
        stored |= {"icon_url": icon, "proxy_icon_url": icon}
    return stored


def stored_components(value: object) -> list[object]:
    """Number the components that have no id, as Discord does, outer ones before inner ones."""
    numbers = itertools.count(1)
    return [_component(check.mapped(one), numbers) for one in check.listed(value)]


def _component(component: Mapping[str, object], numbers: Iterator[int]) -> dict[str, object]:
    number = next(numbers)
    stored = {"id": number, **{key: one for key, one in component.items() if one is not None}}
    if isinstance(component.get("components"), list):
        children = check.listed(component["components"])
        stored["components"] = [_component(check.mapped(one), numbers) for one in children]
    if isinstance(component.get("accessory"), dict):
        stored["accessory"] = _component(check.mapped(component["accessory"]), numbers)
    return stored
