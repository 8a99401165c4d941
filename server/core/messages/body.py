"""The body of a pushed message, in each common form: JSON, form, or plain text.

`curl -d` says that its text is a form, whatever it is. So a form is what names the field `message`,
or what only a form looks like; everything else that claims to be one is a text.
"""

import codecs
import json
import re
from collections.abc import Mapping
from typing import NoReturn
from urllib.parse import unquote_to_bytes

from server.errors import PushRefused

JSON, TEXT, FORM = "application/json", "text/plain", "application/x-www-form-urlencoded"
FIELDS = ("message", "title", "level", "channel", "url", "silent")

# A codec of Python's must decode text and nothing else.
_CHARSET = re.compile(
    r"utf-(8|16|32)(-[bl]e|-sig)?|ascii|iso8859-\d+|cp\d+|koi8-[ru]|mac-roman|"
    r"shift_jis|euc_(jp|kr)|iso2022_jp|gb2312|gbk|gb18030|big5"
)
# What only an encoder writes: no sign that a person would leave as it is.
_ENCODED = re.compile(r"(?:[A-Za-z0-9*._~+-]|%[0-9A-Fa-f]{2})*")
_FLAGS = {"true": True, "1": True, "false": False, "0": False}


def check_media(content_type: str, content_encoding: str) -> tuple[str, str]:
    """Return the media type, "" if none is named, and the codec of its charset; raise PushRefused.

    The two are the values of the headers, "" if absent.
    """
    if content_encoding.strip().lower() not in ("", "identity"):
        raise PushRefused(
            415,
            "unsupported_encoding",
            "Send the body as it is, without Content-Encoding.",
            {"Accept-Encoding": "identity"},
        )
    media, _, parameters = content_type.partition(";")
    media = media.strip().lower()
    if media == "multipart/form-data":
        _unsupported("Send fields with curl --data-urlencode in place of -F, or as JSON.")
    if media not in (JSON, TEXT, FORM, ""):
        _unsupported(f"Send {JSON}, {FORM}, or {TEXT} for a bare text.")
    return media, _codec(parameters)


def read_fields(body: bytes, media: str, codec: str) -> Mapping[str, object]:
    """Return the fields of *body*; raise PushRefused if it cannot be read."""
    text = _decoded(body, codec)
    if media == JSON:
        return _object(text)
    if media == TEXT:
        return {"message": text}
    # No type is to be trusted here: curl -d calls everything a form, curl -T names none.
    if (values := _object_with_message(text)) is not None:
        return values
    if media == FORM and _is_form(text):
        return _form(text, codec)
    if media == FORM and _is_encoded_text(text):
        return {"message": _unquoted(text, codec)}
    return {"message": text}


def _refuse(reason: str, detail: str) -> NoReturn:
    raise PushRefused(400, reason, detail)


def _unsupported(how: str) -> NoReturn:
    raise PushRefused(415, "unsupported_media_type", how)


def _codec(parameters: str) -> str:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() != "charset":
            continue
        try:
            codec = codecs.lookup(value.strip().strip('"')).name
        except (LookupError, ValueError):
            codec = ""
        if not _CHARSET.fullmatch(codec):
            raise PushRefused(
                415, "unsupported_charset", "The charset is unknown here: send the body as UTF-8."
            )
        return codec
    return "utf-8"


def _decoded(body: bytes, codec: str) -> str:
    try:
        return body.decode(codec).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        if codec != "utf-8":
            _refuse("not_in_charset", f"The body is not {codec}, as its charset says.")
        _refuse("not_utf8", f"The body is not UTF-8 at byte {error.start}.")


def _object(text: str) -> Mapping[str, object]:
    try:
        values = json.loads(text)
    except RecursionError:
        _refuse("not_json", "The body is nested too deeply.")
    except ValueError as error:
        _refuse("not_json", f"The body is not JSON: {error}.")
    if not isinstance(values, dict):
        _refuse("not_an_object", "The body is JSON but not an object.")
    return values


def _object_with_message(text: str) -> Mapping[str, object] | None:
    """Return the JSON object that a text is, if it can be meant as one."""
    if not text.lstrip().startswith("{"):
        return None
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return values if isinstance(values, dict) and "message" in values else None


def _is_form(text: str) -> bool:
    pairs = [part.partition("=") for part in text.split("&")]
    names = {name for name, equals, _ in pairs if equals}
    if "message" in names:
        return True
    is_encoded = all(
        equals and _ENCODED.fullmatch(name) and _ENCODED.fullmatch(value)
        for name, equals, value in pairs
    )
    return is_encoded and ("%" in text or names <= set(FIELDS))


def _is_encoded_text(text: str) -> bool:
    """Tell whether a text is what `curl --data-urlencode` makes of one without a name."""
    words = text.split("+")
    return bool(_ENCODED.fullmatch(text)) and ("%" in text or (len(words) > 1 and all(words)))


def _form(text: str, codec: str) -> Mapping[str, object]:
    values: dict[str, object] = {}
    for part in text.split("&"):
        name, value = (_unquoted(piece, codec) for piece in part.partition("=")[::2])
        if name in values:
            _refuse("repeated_field", f"The field {name[:50]!r} is there twice.")
        if name not in FIELDS:
            _refuse(
                "unknown_field",
                f"Unknown: {name[:50]!r}. The fields are {', '.join(FIELDS)}; write & as %26, or "
                f"send a bare text as {TEXT}.",
            )
        # What a person left empty in a form is not there.
        if value or name == "message":
            values[name] = value
    if "silent" in values:
        silent = _FLAGS.get(str(values["silent"]).lower())
        values["silent"] = values["silent"] if silent is None else silent
    return values


def _unquoted(text: str, codec: str) -> str:
    return _decoded(unquote_to_bytes(text.replace("+", " ")), codec)
