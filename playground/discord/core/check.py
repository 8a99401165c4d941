"""Check single values of a body: texts, numbers, lists, snowflakes; must know no field's name."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import datetime

from playground.discord.core.violation import Path, Violation

MAX_SNOWFLAKE = 2**64 - 1


def listed(value: object) -> list[object]:
    """Return *value* if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def mapped(value: object) -> Mapping[str, object]:
    """Return *value* if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def trimmed(value: object) -> str:
    """Return the text Discord would count: without white space around it."""
    return value.strip() if isinstance(value, str) else ""


def required(path: Path) -> Violation:
    """Say that a field is missing or empty."""
    return Violation(path, "BASE_TYPE_REQUIRED", "This field is required")


def text(
    value: object, path: Path, *, most: int, least: int = 0, needed: bool = False
) -> Iterator[Violation]:
    """Check a text's length in code points after trimming; null counts as absent."""
    if value is None:
        if needed:
            yield required(path)
        return
    if not isinstance(value, str):
        yield Violation(path, "STRING_TYPE_CONVERT", f'Could not interpret "{value}" as string.')
        return
    length = len(value.strip())
    if needed and not length:
        yield required(path)
    elif least and not least <= length <= most:
        message = f"Must be between {least} and {most} in length."
        yield Violation(path, "BASE_TYPE_BAD_LENGTH", message)
    elif length > most:
        yield Violation(path, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")


def integer(
    value: object, path: Path, *, least: int, most: int, needed: bool = False
) -> Iterator[Violation]:
    """Check a whole number's range; null counts as absent."""
    if value is None:
        if needed:
            yield required(path)
    elif isinstance(value, bool) or not isinstance(value, int):
        yield Violation(path, "NUMBER_TYPE_COERCE", f'Value "{value}" is not int.')
    elif value > most:
        message = f"int value should be less than or equal to {most}."
        yield Violation(path, "NUMBER_TYPE_MAX", message)
    elif value < least:
        message = f"int value should be greater than or equal to {least}."
        yield Violation(path, "NUMBER_TYPE_MIN", message)


def number(value: object, path: Path) -> Iterator[Violation]:
    """Check that a value is a finite number; null counts as absent."""
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        yield Violation(path, "NUMBER_TYPE_COERCE", f'Value "{value}" is not float.')


def boolean(value: object, path: Path) -> Iterator[Violation]:
    """Check a truth value; null counts as absent."""
    if value is not None and not isinstance(value, bool):
        yield Violation(path, "BOOLEAN_TYPE_CONVERT", "Must be either true or false.")


def snowflake(value: object, path: Path) -> Iterator[Violation]:
    """Check an id: a whole number of at most 64 bits, as text or (tolerated) as a number."""
    digits = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if (
        not isinstance(digits, str)
        or not (digits.isascii() and digits.isdigit())
        or int(digits[:25]) > MAX_SNOWFLAKE
    ):
        yield Violation(path, "NUMBER_TYPE_COERCE", f'Value "{value}" is not snowflake.')


def collection(
    value: object, path: Path, *, most: int, least: int = 0, needed: bool = False
) -> Iterator[Violation]:
    """Check a list's length; null counts as absent."""
    if value is None:
        if needed:
            yield required(path)
    elif not isinstance(value, list):
        yield Violation(path, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
    elif needed and not value:
        yield required(path)
    elif least and not least <= len(value) <= most:
        message = f"Must be between {least} and {most} in length."
        yield Violation(path, "BASE_TYPE_BAD_LENGTH", message)
    elif len(value) > most:
        yield Violation(path, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")


def record(value: object, path: Path) -> Iterator[Violation]:
    """Check that a value is an object; null counts as absent."""
    if value is not None and not isinstance(value, dict):
        message = "Only dictionaries may be used in a DictType"
        yield Violation(path, "DICT_TYPE_CONVERT", message)


def choice(value: object, path: Path, allowed: tuple[object, ...]) -> Iterator[Violation]:
    """Check that a value is one of those allowed."""
    if isinstance(value, bool) or value not in allowed:
        message = f"Value must be one of {{{', '.join(str(one) for one in allowed)}}}."
        yield Violation(path, "BASE_TYPE_CHOICES", message)


def instant(value: object, path: Path) -> Iterator[Violation]:
    """Check an ISO 8601 instant; null counts as absent."""
    if value is None:
        return
    try:
        datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        message = f"Could not parse {value}. Should be ISO8601."
        yield Violation(path, "DATE_TIME_TYPE_PARSE", message)


def record_list(value: object, path: Path) -> Iterator[Violation]:
    """Check that a value is a list of objects, however long; null counts as absent."""
    yield from collection(value, path, most=MAX_SNOWFLAKE)
    for index, item in enumerate(listed(value)):
        if item is None:
            yield required((*path, index))
        yield from record(item, (*path, index))
