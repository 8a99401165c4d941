"""Make the text of strangers harmless in Discord's markdown, and short.

Whatever is not our own wording goes through `escape`, `escape_name`, `escape_title`, `strong`,
`plain` or a fence, never straight into a message. Each takes the number of code points that may
come out, and cuts between two graphemes, so that neither an escape nor an emoji is ever split.

Sentences lose their end. Names lose their middle, because those of one list often differ only at
their end.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import accumulate

from server.core.terminal import terminal_text

ELLIPSIS = "…"
JOINER = "\u200d"
JOINERS = frozenset("\u200c\u200d")  # ZWNJ and ZWJ, needed in Persian, in Hindi and in emoji
MARKS_PER_LETTER = 6  # the stacks of living scripts are lower; higher ones cover other lines

# Letters and marks without a shape of their own (Unicode: Default_Ignorable_Code_Point), and the
# Braille pattern without dots.
BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
HIDDEN = frozenset({"Cc", "Cf", "Cs"})  # controls, formats (bidi too) and surrogates

INLINE = frozenset("\\*_~`|>[]()<@")
ACTIVE = INLINE | frozenset("#-+")  # the latter three act at the start of a line only

FENCE_LINES = 8
FENCE_MARKS = "```\n", "\n```"

_STRAY_JOINER = re.compile(
    r"(?<![^\x00-\x7f\u200c\u200d])[\u200c\u200d]|[\u200c\u200d](?![^\x00-\x7f\u200c\u200d])"
)


def escape(text: str, limit: int, fallback: str = "") -> str:
    """Show *text* on one line as it is, anywhere in a description or a field."""
    return _ended(_escaped(text, ACTIVE), limit) or fallback


def escape_name(text: str, limit: int, fallback: str = "") -> str:
    """Show a name on one line as it is, anywhere in a description or a field."""
    return _without_middle(_escaped(text, ACTIVE), limit) or fallback


def escape_title(text: str, limit: int, fallback: str = "") -> str:
    """Show a name as it is where Discord knows no blocks: a title, the middle of a line.

    Spares the `-` of `octocat/hello-world`, for those who read or search the raw title.
    """
    return _without_middle(_escaped(text, INLINE), limit) or fallback


def strong(text: str, limit: int, fallback: str) -> str:
    """Show a name in bold; *limit* is that of the name without the stars."""
    return f"**{escape_name(text, limit, fallback)}**"


def plain(text: str, limit: int, fallback: str = "") -> str:
    """Show *text* on one line where Discord reads no markdown: an author or a footer."""
    return _ended(list(graphemes(one_line(text))), limit) or fallback


def fence(text: str, limit: int) -> str:
    """Show *text* of several lines in a code block that it cannot leave; "" if it is blank."""
    lines = [line for raw in terminal_text(text).splitlines() if (line := code_line(raw))]
    if not lines:
        return ""
    kept = lines[:FENCE_LINES] + ([ELLIPSIS] if len(lines) > FENCE_LINES else [])
    opening, closing = FENCE_MARKS
    room = limit - len(opening) - len(closing)
    return opening + _ended(list(graphemes(_apart("\n".join(kept)))), room) + closing


def fence_end(lines: Sequence[str], limit: int) -> str:
    """Show the last of *lines* that fit, each whole, in a code block that they cannot leave.

    "" if not even the last one fits.
    """
    kept: list[str] = []
    room = limit - sum(map(len, FENCE_MARKS)) + len("\n")
    for raw in reversed(lines):
        line = _apart(code_line(raw))
        room -= len(line) + len("\n")
        if room < 0:
            break
        kept.append(line)
    opening, closing = FENCE_MARKS
    return opening + "\n".join(reversed(kept)) + closing if kept else ""


def code_line(text: str) -> str:
    """Strip what cannot be seen from one line of code, whose spaces stay."""
    return _visible(text.expandtabs(2)).rstrip()


def link(label: str, url: str) -> str:
    """Write a link, or the bare label without an address.

    Discord reads no escapes in a label, so it must be our own wording, digits or hexadecimal.
    """
    return f"[{label}]({url})" if url else label


def one_line(text: str) -> str:
    """Strip what cannot be seen, and make every run of white space one space."""
    return " ".join(_visible(text).split())


def first_line(text: str) -> str:
    """Find the first line of *text* that shows something, or ""; here `\\r` ends a line too."""
    lines = terminal_text(text.replace("\r", "\n")).splitlines()
    return next((line for raw in lines if (line := one_line(raw))), "")


def graphemes(text: str) -> Iterator[str]:
    """Split *text* where a reader sees one sign end: nearly UAX 29, without its tables."""
    cluster = ""
    for char in text:
        if cluster and not _continues(cluster, char):
            yield cluster
            cluster = ""
        cluster += char
    if cluster:
        yield cluster


def _continues(cluster: str, char: str) -> bool:
    if char in JOINERS or cluster[-1] == JOINER or unicodedata.category(char).startswith("M"):
        return True
    if "\U0001f3fb" <= char <= "\U0001f3ff" or "\u1160" <= char <= "\u11ff":
        return True  # a skin tone; the vowel or the final of a decomposed Korean syllable
    return len(cluster) == 1 and _is_half_flag(cluster) and _is_half_flag(char)


def _apart(code: str) -> str:
    """Keep backticks from standing side by side, where they would end a code block."""
    return re.sub("`(?=`)", "`\u200b", code)


def _is_half_flag(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _visible(text: str) -> str:
    kept: list[str] = []
    marks = MARKS_PER_LETTER  # a mark that has no letter before it would sit on our own text
    for char in terminal_text(text):
        category = unicodedata.category(char)
        if char.isspace():
            kept.append(" ")
            marks = MARKS_PER_LETTER
        elif char in JOINERS:
            kept.append(char)
        elif char in BLANKS or category in HIDDEN:
            continue
        elif not category.startswith("M"):
            kept.append(char)
            marks = 0
        elif marks < MARKS_PER_LETTER:
            kept.append(char)
            marks += 1
    return _STRAY_JOINER.sub("", "".join(kept))


def _escaped(text: str, active: frozenset[str]) -> list[str]:
    """Split *text* into graphemes with what makes each harmless."""
    # A bare address becomes a link, which no backslash prevents.
    line = one_line(text).replace("://", ":\u200b//")
    tokens = [
        "".join(f"\\{char}" if char in active else char for char in cluster)
        for cluster in graphemes(line)
    ]
    digits = len(line) - len(line.lstrip("0123456789"))
    if 0 < digits < len(tokens) and tokens[digits].startswith("."):
        tokens[digits] = "\\" + tokens[digits]  # `1.` starts a list
    return tokens


def _ended(tokens: list[str], limit: int) -> str:
    """Join *tokens* and cut off the end of what does not fit."""
    whole = "".join(tokens)
    if len(whole) <= limit:
        return whole
    return _fitting(tokens, limit - len(ELLIPSIS)).rstrip() + ELLIPSIS


def _without_middle(tokens: list[str], limit: int) -> str:
    """Join *tokens* and cut out the middle of what does not fit."""
    whole = "".join(tokens)
    if len(whole) <= limit:
        return whole
    room = limit - len(ELLIPSIS)
    end = _fitting([token[::-1] for token in reversed(tokens)], room // 2)[::-1]
    return _fitting(tokens, room - room // 2).rstrip() + ELLIPSIS + end.lstrip()


def _fitting(tokens: list[str], room: int) -> str:
    """Join the first *tokens* that fit into *room* code points."""
    return "".join(tokens[: sum(end <= room for end in accumulate(map(len, tokens)))])
