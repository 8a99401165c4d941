"""Read a step's log as Drone's API sends it, piece by piece, and keep its end.

A log is one JSON list of rows, ``{"pos": 0, "out": "text\\n", "time": 0}``, of any size. However
long it is, and however long one of its rows, what is kept has a bound and reading takes time in
proportion to what came.
"""

import codecs
import json
import re
from collections import deque

from server.core.json_reader import Json

KEPT_CHARS = 256 * 1024
KEPT_ROWS = 10_000
# Of a row that is longer than this, the two ends are kept.
LONGEST_ROW = 128 * 1024
ENDS = 16 * 1024

_DECODER = json.JSONDecoder()
_GAP = re.compile(r"[\s,]*")
_LIST = re.compile(r"\s*\[")
_OUT = re.compile(r'\{(?:\s*"(?:pos|time)"\s*:\s*-?\d+\s*,)*\s*"out"\s*:\s*"')
# What stands in a string, up to where it ends or is split by the end of what is looked at.
_INSIDE = re.compile(r'(?:[^"\\]++|\\u[0-9a-fA-F]{4}|\\[^u])*+', re.DOTALL)


class LogRows:
    """The end of one log; fed with bytes, it raises ValueError for what is no log."""

    def __init__(self) -> None:
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._text = ""  # what is not read yet
        self._has_begun = False
        self._has_ended = False
        self._rows: deque[tuple[Json, int]] = deque()
        self._chars = 0

    def feed(self, piece: bytes) -> None:
        """Take the next bytes."""
        if self._has_ended:
            return
        self._text += self._decode(piece)
        if not self._has_begun:
            begun = _LIST.match(self._text)
            if begun is None:
                if len(self._text) > ENDS:
                    raise ValueError("no list")
                return
            self._has_begun = True
            self._text = self._text[begun.end() :]
        self._read()

    def end(self) -> list[Json] | None:
        """Return the last rows; None for `null`, which a step that printed nothing may have."""
        if not self._has_begun and self._text.strip() == "null":
            return None
        if not self._has_ended:
            raise ValueError("no whole list")
        return [row for row, _ in self._rows]

    def _read(self) -> None:
        """Read the rows that are whole, and keep what may be half a row."""
        text, place = self._text, self._gap(0)
        while not self._has_ended and place < len(text):
            try:
                row, end = _DECODER.raw_decode(text, place)
            except (ValueError, RecursionError):
                break
            self._keep(row)
            place = self._gap(end)
        rest = "" if self._has_ended else text[place:]
        self._text = _shortened(rest) if len(rest) > LONGEST_ROW else rest

    def _gap(self, place: int) -> int:
        """Return where the next row begins, and note whether the list has ended."""
        found = _GAP.match(self._text, place)
        end = found.end() if found else place
        self._has_ended = self._text[end : end + 1] == "]"
        return end

    def _keep(self, row: object) -> None:
        if not isinstance(row, dict) or not isinstance(row.get("out"), str):
            return
        size = len(row["out"])
        self._rows.append((row, size))
        self._chars += size
        while len(self._rows) > KEPT_ROWS or (self._chars > KEPT_CHARS and len(self._rows) > 1):
            self._chars -= self._rows.popleft()[1]


def _shortened(row: str) -> str:
    """Leave out the middle of the text of half a row, between two signs of it."""
    found = _OUT.match(row)
    if found is None:
        raise ValueError("no row of a log")
    first = _inside(row, found.end(), found.end() + ENDS)
    last = _inside(row, first, len(row) - ENDS)
    kept = row[:first] + row[last:]
    if len(kept) > LONGEST_ROW:
        raise ValueError("no row of a log")
    return kept


def _inside(row: str, start: int, end: int) -> int:
    found = _INSIDE.match(row, start, end)
    return found.end() if found else start
