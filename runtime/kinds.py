"""Kinds of settings: what a value must look like. Pure.

`problem` says what is wrong with a value, behind the setting's name, without quoting it.
"""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from runtime.pasted import QUOTES


@dataclass(frozen=True, slots=True)
class Text:
    """Any text; the program that reads it checks it further."""

    def problem(self, _value: str) -> str:
        """Return "": no text is wrong by itself."""
        return ""


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number within bounds."""

    low: int
    high: int

    def problem(self, value: str) -> str:
        """Return "" for a good value."""
        is_number = value.isascii() and value.isdigit() and len(value) <= 12
        if is_number and self.low <= int(value) <= self.high:
            return ""
        return f"must be a whole number from {self.low} to {self.high}."


@dataclass(frozen=True, slots=True)
class Seconds:
    """A number of seconds within bounds, with up to three decimals."""

    low: float
    high: int

    def problem(self, value: str) -> str:
        """Return "" for a good value."""
        is_number = re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,3})?", value)
        if is_number and self.low <= float(value) <= self.high:
            return ""
        return f"must be a number of seconds from {self.low} to {self.high}."


@dataclass(frozen=True, slots=True)
class Url:
    """The address of a server, its scheme one of a few; the last stands in the example."""

    schemes: tuple[str, ...] = ("http", "https")

    def problem(self, value: str) -> str:
        """Return "" for a good value."""
        try:
            parts = urlsplit(value)
            host = (parts.hostname or "").encode("idna")
            is_url = parts.scheme in self.schemes and bool(host) and parts.port != 0
        except ValueError:
            is_url = False
        if is_url and _is_word(value):
            return ""
        return f"must be an address such as {self.schemes[-1]}://host.example."


@dataclass(frozen=True, slots=True)
class Token:
    """A token that goes into a header; the library there would quote it in an error."""

    def problem(self, value: str) -> str:
        """Return "" for a good value."""
        if _is_word(value) and value == value.strip(QUOTES):
            return ""
        return "must be the bare token: one word, with nothing before or after it."


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words, in any case."""

    words: tuple[str, ...]

    def problem(self, value: str) -> str:
        """Return "" for a good value."""
        return "" if value.lower() in self.words else f"must be one of {', '.join(self.words)}."


Kind = Text | Number | Seconds | Url | Token | Choice


def _is_word(value: str) -> bool:
    """Tell whether *value* can stand in a header or an address."""
    return value.isascii() and value.isprintable() and " " not in value
