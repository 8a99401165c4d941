"""The request for a message: from a caller's fields to a valid message; errors name the numbers."""

import re
from collections.abc import Mapping
from typing import NoReturn

from server.core.discord import limits
from server.core.discord.markdown import one_line
from server.core.discord.urls import acceptable
from server.core.messages.body import FIELDS
from server.core.messages.envelope import MessageFields
from server.core.render.pushed import LEVELS
from server.errors import PushRefused

MAX_BODY_BYTES = 1024 * 1024
KEY_LENGTH = 64
IDEMPOTENCY_KEY_LENGTH = 255

_KEY = re.compile(rf"[A-Za-z0-9._~-]{{1,{KEY_LENGTH}}}")
_IDEMPOTENCY_KEY = re.compile(rf"[\x21-\x7e]{{1,{IDEMPOTENCY_KEY_LENGTH}}}")


def read_message(values: Mapping[str, object]) -> tuple[MessageFields, str]:
    """Return a message's fields and the channel that it names, or ""; raise PushRefused."""
    unknown = sorted(set(values) - set(FIELDS))
    if unknown:
        names = ", ".join(repr(name[:50]) for name in unknown[:5])
        _refuse("unknown_field", f"Unknown: {names}. The fields are {', '.join(FIELDS)}.")
    if "message" not in values:
        _refuse("no_message", "The field message is missing.")
    fields = MessageFields(
        message=_message(_text(values, "message")),
        title=_title(values),
        level=_level(values),
        url=_url(values),
        silent=_flag(values, "silent"),
    )
    return fields, _text(values, "channel") if "channel" in values else ""


def read_key(key: str) -> str:
    """Check the caller's own name for a message."""
    if not _KEY.fullmatch(key) or key in (".", ".."):
        _refuse(
            "bad_key", f"A key has 1 to {KEY_LENGTH} letters, digits and . _ ~ -; this has others."
        )
    return key


def read_idempotency_key(key: str | None) -> str:
    """Check an Idempotency-Key; None is none, and comes out as ""."""
    if key is None:
        return ""
    if not _IDEMPOTENCY_KEY.fullmatch(key):
        _refuse(
            "bad_idempotency_key",
            f"An Idempotency-Key has 1 to {IDEMPOTENCY_KEY_LENGTH} visible ASCII signs.",
        )
    return key


def _message(text: str) -> str:
    if not text:
        _refuse("blank_message", "The message is empty: it shows nothing.")
    if not one_line(text[:10_000]) and not one_line(text):
        _refuse("blank_message", "The message shows nothing.")
    return text


def _title(values: Mapping[str, object]) -> str:
    title = " ".join(_text(values, "title").split())
    if "title" in values and not one_line(title):
        _refuse("blank_title", "The title shows nothing; leave it out instead.")
    if len(title) > limits.EMBED_TITLE:
        _refuse(
            "title_too_long",
            f"The title has {len(title)} characters; {limits.EMBED_TITLE} are the most.",
        )
    return title


def _level(values: Mapping[str, object]) -> str:
    level = _text(values, "level")
    if "level" in values and level not in LEVELS:
        _refuse("unknown_level", f"The level must be one of {', '.join(LEVELS)}.")
    return level


def _url(values: Mapping[str, object]) -> str:
    url = _text(values, "url")
    if "url" not in values:
        return ""
    if len(url) > limits.BUTTON_URL:
        _refuse(
            "url_too_long", f"The url has {len(url)} characters; {limits.BUTTON_URL} are the most."
        )
    if not (shown := acceptable(url, limits.BUTTON_URL)):
        _refuse(
            "bad_url", "The url must begin with http:// or https://, and its host must have a dot."
        )
    return shown


def _text(values: Mapping[str, object], name: str) -> str:
    value = values.get(name, "")
    if not isinstance(value, str):
        _refuse("wrong_type", f"The field {name} must be a string.")
    # Neither UTF-8 nor Discord carries half a pair, nor NUL.
    whole = value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return whole.replace("\0", "\ufffd")


def _flag(values: Mapping[str, object], name: str) -> bool:
    value = values.get(name, False)
    if not isinstance(value, bool):
        _refuse("wrong_type", f"The field {name} must be true or false.")
    return value


def _refuse(reason: str, detail: str) -> NoReturn:
    raise PushRefused(400, reason, detail)
