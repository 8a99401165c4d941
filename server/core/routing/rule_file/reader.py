"""Checked reading of TOML: what is wrong is noted with its place, and reads as absent."""

import difflib
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import time, timedelta
from enum import StrEnum
from typing import TypeVar
from zoneinfo import ZoneInfo

from server.core.routing.rule_file.position import Path, Positions
from server.core.routing.rule_file.problem import Problem

LONGEST_NAME = 100
MOST_ITEMS = 100  # of one list

Table = Mapping[str, object]
Word = TypeVar("Word", bound=StrEnum)

_SNOWFLAKE = re.compile(r"[0-9]{17,20}")
_SPAN = re.compile(r"([1-9][0-9]{0,4})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")


class Reader:
    """Reads values of one file and gathers its problems."""

    def __init__(self, text: str) -> None:
        self.problems: list[Problem] = []
        self._text = text
        self._positions: Positions | None = None

    def problem(self, path: Path, sentence: str) -> Problem:
        """Make a problem of what stands at *path*."""
        self._positions = self._positions or Positions(self._text)
        return Problem(self._positions.of(path), sentence)

    def wrong(self, path: Path, sentence: str) -> None:
        """Note what is wrong at *path*."""
        self.problems.append(self.problem(path, sentence))

    def known(self, table: Table, names: Iterable[str], path: Path) -> None:
        """Note every key of *table* that is none of *names*."""
        names = tuple(names)
        for key in table:
            if key not in names:
                hint = suggestion(key, names)
                self.wrong((*path, key), f"the key {shown(key)} is not known{hint}")

    def table(self, value: object, path: Path) -> Table:
        """Read a table; none at all is an empty one."""
        if value is None or isinstance(value, dict):
            return value or {}
        self.wrong(path, f"{_name(path)} must be a table.")
        return {}

    def line(self, value: object, path: Path) -> str:
        """Read a text of one line."""
        if isinstance(value, str):
            cut = value.strip()
            if cut.isprintable() and 0 < len(cut) <= LONGEST_NAME:
                return cut
        self.wrong(path, f"{_name(path)} must be a text of one line, at most {LONGEST_NAME} signs.")
        return ""

    def flag(self, value: object, path: Path) -> bool:
        """Read true or false; none at all is false."""
        if value is not None and not isinstance(value, bool):
            self.wrong(path, f"{_name(path)} must be true or false.")
        return value is True

    def texts(self, value: object, path: Path) -> tuple[tuple[str, Path], ...]:
        """Read a list of texts, or one alone, each with its place."""
        if isinstance(value, str):
            return ((value, path),)
        if not isinstance(value, list) or not value:
            self.wrong(path, f"{_name(path)} must be a list of texts with one at least.")
            return ()
        if len(value) > MOST_ITEMS:
            self.wrong(path, f"{_name(path)} must have at most {MOST_ITEMS} items.")
        found = []
        for index, item in enumerate(value[:MOST_ITEMS]):
            if isinstance(item, str):
                found.append((item, (*path, index)))
            else:
                self.wrong((*path, index), f"{_name(path)} must hold texts alone.")
        return tuple(found)

    def word(self, kind: type[Word], value: object, path: Path) -> Word | None:
        """Read one of the words of *kind*."""
        if isinstance(value, str) and value in tuple(kind):
            return kind(value)
        self.wrong(path, f"{_name(path)} must be one of {', '.join(kind)}.")
        return None

    def span(self, value: object, path: Path) -> timedelta | None:
        """Read a span of time."""
        found = _SPAN.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            self.wrong(path, f'{_name(path)} must be a span such as "30m", "24h" or "7d".')
            return None
        return timedelta(**{_UNITS[found[2]]: int(found[1])})

    def clock(self, value: object, path: Path) -> time | None:
        """Read a time of day."""
        found = _CLOCK.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            self.wrong(path, f'{_name(path)} must be a time of day such as "22:00", in quotes.')
            return None
        return time(int(found[1]), int(found[2]))

    def zone(self, value: object, path: Path) -> str:
        """Read the name of a time zone."""
        if isinstance(value, str):
            # What is no zone can be a folder, a file of another kind, or no name of a file at all.
            with suppress(KeyError, ValueError, OSError):
                return ZoneInfo(value).key
        self.wrong(path, f'{_name(path)} must be a time zone such as "Europe/Berlin".')
        return ""

    def snowflake(self, value: object, path: Path, what: str) -> str:
        """Read an id of Discord's."""
        if isinstance(value, str) and is_snowflake(value):
            return value
        quoted = " in quotes" if isinstance(value, int) else ""
        self.wrong(path, f"{what} must be an id of 17 to 20 digits{quoted}.")
        return ""


def is_snowflake(value: str) -> bool:
    """Tell whether *value* can be an id of Discord's."""
    return _SNOWFLAKE.fullmatch(value) is not None


def shown(word: str) -> str:
    """Quote a word of the file, short and on one line."""
    return repr(word if len(word) <= LONGEST_NAME else f"{word[:LONGEST_NAME]}…")


def suggestion(word: str, names: Iterable[str]) -> str:
    """Suggest what may have been meant, or tell what there is."""
    names = tuple(names)
    near = difflib.get_close_matches(word[:LONGEST_NAME], names, 1)
    if near:
        return f"; did you mean {near[0]!r}?"
    return f"; there are {', '.join(names)}." if names else "."


def _name(path: Path) -> str:
    names = [part for part in path if isinstance(part, str)]
    return repr(names[-1])
