"""Hold one request to the API and the answer to it, free of any HTTP library."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from playground.discord.core import check
from playground.discord.core.refusal import INVALID_JSON, Refusal, Refused, invalid_form
from playground.discord.core.violation import Violation


@dataclass(frozen=True, slots=True)
class Upload:
    """Hold one file of a multipart body."""

    name: str
    content_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Ask:
    """Hold what a use case needs to know of one request."""

    params: Mapping[str, str]  # the ids in the path
    query: Mapping[str, str]
    body: object  # decoded JSON; None when there was no body
    files: tuple[Upload, ...]
    now: float

    def payload(self) -> Mapping[str, object]:
        """Return the body as an object, or refuse it."""
        if self.body is None:
            return {}
        if not isinstance(self.body, dict):
            message = "Only dictionaries may be used in a DictType"
            raise Refused(invalid_form([Violation((), "DICT_TYPE_CONVERT", message)]))
        return self.body


@dataclass(frozen=True, slots=True)
class Answer:
    """Hold the answer to one request."""

    status: int
    body: object = None  # None is no body at all
    headers: Mapping[str, str] = field(default_factory=dict)
    message_id: str = ""  # the message that was created or changed

    def encoded(self) -> bytes:
        """Write the body as JSON."""
        return b"" if self.body is None else json.dumps(self.body).encode()


def refused(refusal: Refusal) -> Answer:
    """Turn a refusal into its answer."""
    return Answer(refusal.status, refusal.body())


def decode_json(raw: bytes | str) -> object:
    """Read a JSON body, or refuse it."""
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise Refused(INVALID_JSON) from error


def number(ask: Ask, name: str, *, least: int, most: int) -> int | None:
    """Read a whole number from the query, or refuse it."""
    text = ask.query.get(name)
    if text is None:
        return None
    value: object = int(text) if text.isascii() and text.isdigit() else text
    if found := list(check.integer(value, (name,), least=least, most=most)):
        raise Refused(invalid_form(found))
    return int(text)
