"""Where things stand in a TOML file; `tomllib` tells that of errors alone.

The text is valid TOML when it is walked here, so nothing is checked a second time. Keys and
elements of arrays are found by their path, such as ("route", 0, "ping", "on", 1).
https://toml.io/en/v1.0.0
"""

import re
import tomllib
from dataclasses import dataclass

Path = tuple[str | int, ...]

_GAP = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_KEY = re.compile(r"""[A-Za-z0-9_-]+|"(?:\\.|[^"\\])*"|'[^']*'""")
_DOT = re.compile(r"[ \t]*\.[ \t]*")
_SCALAR = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"{3,5}'
    r"|'''(?:[^']|'(?!''))*'{3,5}"
    r"""|"(?:\\.|[^"\\])*"|'[^']*'"""
    r"|[^,\]}#\n]+",  # numbers, booleans and times, which may hold a space
    re.DOTALL,
)


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A line and a column, both from 1; columns count code points."""

    line: int
    column: int


class Positions:
    """Where each key and element of a valid text stands."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._found: dict[Path, int] = {}
        self._tables: dict[Path, int] = {}  # how many [[…]] of each name there are
        self._document()

    def of(self, path: Path) -> Position:
        """Return where *path* stands, or else the nearest thing that holds it."""
        while path and path not in self._found:
            path = path[:-1]
        return position(self._text, self._found.get(path, 0))

    def _document(self) -> None:
        table: Path = ()
        self._gap()
        while self._at < len(self._text):
            if self._text[self._at] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._gap()

    def _header(self) -> Path:
        start, brackets = self._at, 2 if self._text.startswith("[[", self._at) else 1
        self._at += brackets
        self._blank()
        *parents, last = [name for name, _ in self._keys()]
        path: Path = ()
        for name in parents:
            path = self._latest((*path, name))
        path = (*path, last)
        self._found.setdefault(path, start)
        if brackets == 2:
            self._tables[path] = self._tables.get(path, 0) + 1
            path = self._latest(path)
            self._found[path] = start
        self._blank()
        self._at += brackets
        return path

    def _latest(self, path: Path) -> Path:
        count = self._tables.get(path, 0)
        return (*path, count - 1) if count else path

    def _pair(self, table: Path) -> None:
        path = table
        for name, at in self._keys():
            path = (*path, name)
            self._found.setdefault(path, at)
        self._blank()
        self._at += 1  # the sign =
        self._blank()
        self._value(path)

    def _keys(self) -> list[tuple[str, int]]:
        keys = []
        more = True
        while more:
            start = self._at
            written = self._take(_KEY)
            name = tomllib.loads(f"key = {written}")["key"] if written[0] in "\"'" else written
            keys.append((name, start))
            more = bool(self._take(_DOT))
        return keys

    def _value(self, path: Path) -> None:
        sign = self._text[self._at]
        if sign == "[":
            self._array(path)
        elif sign == "{":
            self._inline_table(path)
        else:
            self._take(_SCALAR)

    def _array(self, path: Path) -> None:
        self._at += 1
        self._gap()
        index = 0
        while self._text[self._at] != "]":
            self._found[(*path, index)] = self._at
            self._value((*path, index))
            index += 1
            self._comma()
        self._at += 1

    def _inline_table(self, path: Path) -> None:
        self._at += 1
        self._gap()
        while self._text[self._at] != "}":
            self._pair(path)
            self._comma()
        self._at += 1

    def _comma(self) -> None:
        self._gap()
        if self._text[self._at] == ",":
            self._at += 1
            self._gap()

    def _gap(self) -> None:
        self._take(_GAP)

    def _take(self, what: re.Pattern[str]) -> str:
        """Go behind *what* if it stands here, and return it."""
        found = what.match(self._text, self._at)
        if found is None:
            return ""
        self._at = found.end()
        return found[0]

    def _blank(self) -> None:
        while self._text[self._at] in " \t":
            self._at += 1


def position(text: str, offset: int) -> Position:
    """Return the line and column of an offset."""
    return Position(text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset))
