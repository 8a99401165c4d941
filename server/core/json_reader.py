"""Checked readers for JSON that strangers wrote: a wrong type reads as absent, never as an error.

Text comes out storable: lone surrogates and NUL become U+FFFD, because neither BSON keys nor
UTF-8 can carry them. Integers come out within 64 bits, because BSON carries no more.
"""

from collections.abc import Mapping
from typing import cast

INT64 = 2**63

Json = Mapping[str, object]


def text(source: Json, key: str, limit: int = 2000) -> str:
    """Read a string of at most *limit* code points; anything else is ""."""
    value = source.get(key)
    if not isinstance(value, str):
        return ""
    value = value[:limit]
    if not value.isascii():
        value = value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return value.replace("\0", "\ufffd")


def integer(source: Json, key: str) -> int:
    """Read a whole number of 64 bits; anything else, a boolean too, is 0."""
    value = source.get(key)
    if isinstance(value, bool) or not isinstance(value, int):
        return 0
    return value if -INT64 <= value < INT64 else 0


def flag(source: Json, key: str) -> bool:
    """Read a boolean; anything else is False."""
    return source.get(key) is True


def table(source: Json, key: str) -> Json | None:
    """Read an object; anything else is None."""
    value = source.get(key)
    return cast(Json, value) if isinstance(value, dict) else None


def rows(source: Json, key: str) -> list[Json]:
    """Read a list of objects, leaving out whatever is none."""
    value = source.get(key)
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
