"""Turn rows into the bytes Go's encoding/json makes of them; must not know Drone's rules."""

import json
import re
from dataclasses import Field, field, fields
from functools import cache
from typing import Any, cast

_HTML = str.maketrans(
    {
        "<": "\\u003c",
        ">": "\\u003e",
        "&": "\\u0026",
        "\u2028": "\\u2028",
        "\u2029": "\\u2029",
    }
)
_SHORT_ESCAPES = re.compile(r"\\(?:\\|b|f)")
_PLAIN = frozenset({str, int, bool})
_NOT_UTF8 = re.compile("[\ud800-\udfff]")


def omitempty(default: object) -> Any:
    """Declare a field that Go leaves out of the JSON while it is empty (`,omitempty`)."""
    return field(default=default, metadata={"omitempty": True})


@cache
def _columns(kind: type) -> tuple[tuple[str, bool], ...]:
    declared = cast("tuple[Field[object], ...]", fields(kind))
    return tuple((column.name, bool(column.metadata.get("omitempty"))) for column in declared)


def as_object(value: object) -> object:
    """Give *value* as plain JSON data, keys in the order of Go's struct and empty ones left out."""
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, list | tuple):
        return [as_object(item) for item in value]
    if isinstance(value, dict):
        return {key: as_object(value[key]) for key in sorted(value)}
    kind: type = type(value)
    row: dict[str, object] = {}
    for name, omits in _columns(kind):
        content = getattr(value, name)
        if content or not omits:
            row[name] = content if content.__class__ in _PLAIN else as_object(content)
    return row


def _spell_out(match: re.Match[str]) -> str:
    # Go knows no \b and no \f before its version 1.22.
    return {"\\b": "\\u0008", "\\f": "\\u000c"}.get(match[0], match[0])


def encode(payload: object) -> bytes:
    """Serialise *payload* as Go's json.Marshal does: no spaces, `<`, `>` and `&` escaped.

    Bytes that were no UTF-8 (lone surrogates here, see `cut_to_bytes`) become the six letters
    `\\ufffd`, one for each byte.
    """
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).translate(_HTML)
    if "\\b" in text or "\\f" in text:
        text = _SHORT_ESCAPES.sub(_spell_out, text)
    return _NOT_UTF8.sub(r"\\ufffd", text).encode()


def cut_to_bytes(text: str, limit: int) -> str:
    """Cut *text* to *limit* bytes, as Drone does, even in the middle of a character."""
    return text.encode(errors="surrogateescape")[:limit].decode(errors="surrogateescape")
