"""What comes along when people paste a value: invisible characters and quotes. Pure."""

import re
import unicodedata

QUOTES = "\"'`“”„‘’‚«»"

# What nobody sees, though Unicode counts it among letters and signs: variation selectors, fillers
# of Hangul, and the blank of Braille.
_UNSEEN = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0" + "".join(
    map(chr, range(0xFE00, 0xFE10))
)
# Control and format characters, lone surrogates, separators of lines, and spaces.
# https://www.unicode.org/reports/tr44/#General_Category_Values
_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp", "Zs"})
# The elements of a list may stand on lines of their own.
_COMMA = re.compile(r"[ \t\r\n]*,[ \t\r\n]*")


def trimmed(value: str) -> str:
    """Return *value* without space, byte order mark and other unseen characters at its ends."""
    start, end = 0, len(value)
    while start < end and _is_blank(value[start]):
        start += 1
    while start < end and _is_blank(value[end - 1]):
        end -= 1
    return value[start:end]


def unquoted(value: str) -> str | None:
    """Return what stands in quotes; None if *value* as a whole does not."""
    is_quoted = len(value) > 1 and value[0] in QUOTES and value[-1] in QUOTES
    return value[1:-1] if is_quoted else None


def invisible(value: str) -> str:
    """Name the first character that nobody sees, but for ordinary spaces; "" if there is none."""
    found = next((sign for sign in _COMMA.sub(",", value) if _is_unseen(sign)), "")
    if found in ("", "\t"):
        return found and "a tab"
    if found in "\r\n":
        return "a line break"
    if unicodedata.category(found) == "Cs":  # Python's form of a byte in the environment
        return "a byte that is not UTF-8"
    name = unicodedata.name(found, "control character").lower()
    return f"{name} (U+{ord(found):04X})"


def visible(value: str) -> str:
    """Return *value* without the characters that nobody sees."""
    return "".join(sign for sign in value if not _is_unseen(sign))


def _is_unseen(sign: str) -> bool:
    return sign != " " and (unicodedata.category(sign) in _CATEGORIES or sign in _UNSEEN)


def _is_blank(sign: str) -> bool:
    return sign == " " or _is_unseen(sign)
