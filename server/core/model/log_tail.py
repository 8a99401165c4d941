"""The last lines of a step's log, as a person would want to read them in a message.

A log is whatever a build printed: terminal codes, progress that is written over itself, secrets
that Drone masked, and text of strangers. `last_lines` leaves what a terminal would show at the end,
short enough for a phone. What it returns, it returns again.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from server.core.discord.markdown import ELLIPSIS, code_line, graphemes
from server.core.json_reader import Json, integer
from server.core.terminal import terminal_text

MOST_LINES = 40
LINE = 96  # three lines on a phone
LINE_START = 72  # of a longer one, so much of its start
# Of a line that is longer than any terminal, its two ends are looked at.
END_OF_LINE = 1000
# However long a log is, no more of its end is looked at.
LOOKED_AT = 256 * 1024
TAB = 8

# A heading as wide as a terminal. No stars: they mask secrets.
_HEADING = re.compile(r"([=_#─━═-])\1{4,}( .* )\1{5,}")
_RULE = re.compile(r"\s*([=_#~─━═-])\1{2,}")


@dataclass(frozen=True, slots=True)
class LogTail:
    """The end of one step's log; *stage* and *step* are numbers, as in its address."""

    stage: int
    step: int
    lines: tuple[str, ...]


def last_lines(text: str, count: int) -> tuple[str, ...]:
    """Return the last *count* lines that show something, each of at most LINE code points."""
    kept: list[str] = []
    for raw in reversed(_end_of(text).split("\n")):
        if len(kept) >= count:
            break
        line = _narrow(code_line(_written(raw))) if raw and not raw.isspace() else ""
        if line and not _RULE.fullmatch(line):
            kept.append(line)
    indent = min((len(line) - len(line.lstrip(" ")) for line in kept), default=0)
    return tuple(_shortened(line[indent:]) for line in reversed(kept))


def text_of(rows: Sequence[object]) -> str:
    """Join a log as Drone's API gives it: rows of `pos` and `out`, each a line or a part of one."""
    known = [row for row in rows if isinstance(row, dict) and isinstance(row.get("out"), str)]
    known.sort(key=lambda row: integer(row, "pos"))
    parts = [str(row["out"]) for row in known]
    return ("" if any("\n" in part for part in parts) else "\n").join(parts)


def read_tail(row: Json | None) -> LogTail | None:
    """Read the end of a log from one of our own documents, where it is a list of lines."""
    if row is None:
        return None
    found = row.get("lines")
    lines = [line for line in found if isinstance(line, str)] if isinstance(found, list) else []
    return LogTail(
        integer(row, "stage"), integer(row, "step"), last_lines("\n".join(lines), MOST_LINES)
    )


def join_tails(left: LogTail | None, right: LogTail | None) -> LogTail | None:
    """Keep one of two: of the step that comes first, which is the one that a card names."""
    if left is None or right is None:
        return left or right
    return min(left, right, key=_precedence)


def _precedence(tail: LogTail) -> tuple[object, ...]:
    return (tail.stage, tail.step, -len(tail.lines), tail.lines)


def _end_of(text: str) -> str:
    """Return the end of a long text, from the start of a line if there is one."""
    if len(text) <= LOOKED_AT:
        return text
    end = text[-LOOKED_AT:]
    return end[end.find("\n", 0, -1) + 1 :]


def _written(line: str) -> str:
    """Return a line as a terminal shows it, with its columns where they were."""
    kept = terminal_text(line)
    if len(kept) > 2 * END_OF_LINE:
        kept = kept[:END_OF_LINE] + ELLIPSIS + kept[-END_OF_LINE:]
    return kept.expandtabs(TAB)


def _narrow(line: str) -> str:
    return _HEADING.sub(r"\1\1\1\2\1\1\1", line) if _HEADING.fullmatch(line) else line


def _shortened(line: str) -> str:
    """Cut out the middle of a long line: it begins with a place and ends with what is wrong."""
    if len(line) <= LINE:
        return line
    signs = list(graphemes(line))
    end = _fitting(signs[::-1], LINE - LINE_START - len(ELLIPSIS))
    start = _fitting(signs, LINE_START)
    return "".join(signs[:start]).rstrip() + ELLIPSIS + "".join(signs[len(signs) - end :]).lstrip()


def _fitting(signs: Sequence[str], room: int) -> int:
    """Count how many of *signs* fit."""
    return sum(end <= room for end in accumulate(map(len, signs)))
