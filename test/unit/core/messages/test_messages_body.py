"""What callers send as the body of a pushed message, and what is understood."""

import gzip
import json

import pytest

from server.core.messages.body import check_media, read_fields
from server.errors import PushRefused

FORM = "application/x-www-form-urlencoded"
FIELDS = {"message": "disk full", "title": "nas1"}


def read(body: bytes, content_type: str, encoding: str = "") -> object:
    return read_fields(body, *check_media(content_type, encoding))


TAKEN: dict[str, tuple[bytes, str, object]] = {
    "curl -d text": (b"disk full", FORM, {"message": "disk full"}),
    "curl -d with signs": (b"50% of a+b=c & more", FORM, {"message": "50% of a+b=c & more"}),
    "curl -d an assignment": (b"load=5.3", FORM, {"message": "load=5.3"}),
    "curl -d a field": (b"message=disk full", FORM, {"message": "disk full"}),
    "curl -d two fields": (b"message=disk full&title=nas1", FORM, FIELDS),
    "curl -d JSON": (b'{"message": "disk full", "title": "nas1"}', FORM, FIELDS),
    "curl -d other JSON": (b'{"disk": "full"}', FORM, {"message": '{"disk": "full"}'}),
    "curl -d half of JSON": (b'{"message', FORM, {"message": '{"message'}),
    "curl --data-urlencode text": (b"disk%20full%21", FORM, {"message": "disk full!"}),
    "curl --data-urlencode words": (b"disk+full", FORM, {"message": "disk full"}),
    "curl --data-urlencode words and signs": (b"a+%26+b", FORM, {"message": "a & b"}),
    "curl -d two pluses": (b"c++", FORM, {"message": "c++"}),
    "curl --data-urlencode fields": (b"message=disk%20full&title=nas1", FORM, FIELDS),
    "requests data=": (b"message=disk+full&title=nas1", FORM, FIELDS),
    "requests data= in German": (b"message=gr%C3%BCn", FORM, {"message": "grün"}),
    "a form with an ampersand": (b"message=a%26b%3Dc", FORM, {"message": "a&b=c"}),
    "a form that leaves fields empty": (
        b"message=disk+full&title=nas1&url=&level=&silent=",
        FORM,
        FIELDS,
    ),
    "a form of Python's True": (
        b"message=x&silent=True",
        FORM,
        {"message": "x", "silent": True},
    ),
    "a form of a declared charset": (
        b"message=gr%FCn",
        f"{FORM}; charset=latin-1",
        {"message": "grün"},
    ),
    "curl -T": (b"disk full", "", {"message": "disk full"}),
    "curl -T of JSON": (b'{"message": "disk full", "title": "nas1"}', "", FIELDS),
    "curl -T of a form": (b"message=x", "", {"message": "message=x"}),
    "text": (b"message=x", "text/plain", {"message": "message=x"}),
    "text that is JSON": (b'{"message": "x"}', "text/plain", {"message": '{"message": "x"}'}),
    "text with a byte order mark": (
        b"\xef\xbb\xbfdisk full",
        "text/plain",
        {"message": "disk full"},
    ),
    "text in UTF-8": ("grün".encode(), 'Text/Plain; charset="UTF-8"', {"message": "grün"}),
    "text in Latin-1": (b"gr\xfcn", "text/plain; charset=ISO-8859-1", {"message": "grün"}),
    "text in Windows-1252": (b"\x80", "text/plain;charset=windows-1252", {"message": "€"}),
    "text in UTF-16": ("grün".encode("utf-16"), "text/plain; charset=utf-16", {"message": "grün"}),
    "JSON": (json.dumps(FIELDS).encode(), "application/json", FIELDS),
    "JSON with a byte order mark": (
        b"\xef\xbb\xbf" + json.dumps(FIELDS).encode(),
        "application/json; charset=utf-8",
        FIELDS,
    ),
}


@pytest.mark.parametrize(("body", "content_type", "fields"), TAKEN.values(), ids=TAKEN)
def test_a_body_is_taken_as_its_sender_meant_it(
    body: bytes, content_type: str, fields: object
) -> None:
    assert read(body, content_type) == fields


REFUSED: dict[str, tuple[bytes, str, str, int, str, str]] = {
    "curl -F": (
        b"--x",
        "multipart/form-data; boundary=x",
        "",
        415,
        "unsupported_media_type",
        "--data-urlencode",
    ),
    "a picture": (b"x", "image/png", "", 415, "unsupported_media_type", "text/plain"),
    "gzip": (gzip.compress(b"x"), "text/plain", "gzip", 415, "unsupported_encoding", "without"),
    "two encodings": (b"x", "text/plain", "identity, br", 415, "unsupported_encoding", "without"),
    "no such charset": (
        b"x",
        "text/plain; charset=klingon",
        "",
        415,
        "unsupported_charset",
        "UTF-8",
    ),
    "a codec of something else": (
        b"eA==",
        "text/plain; charset=base64",
        "",
        415,
        "unsupported_charset",
        "UTF-8",
    ),
    "an escape for a charset": (
        b"x",
        "text/plain; charset=unicode_escape",
        "",
        415,
        "unsupported_charset",
        "UTF-8",
    ),
    "not the charset": (
        b"\xff",
        "text/plain; charset=us-ascii",
        "",
        400,
        "not_in_charset",
        "ascii",
    ),
    "not UTF-8": (b"ab\xff", "text/plain; charset=utf-8", "", 400, "not_utf8", "byte 2"),
    "a form that is not UTF-8": (b"message=%FF", FORM, "", 400, "not_utf8", "byte 0"),
    "a form of other fields": (b"text=disk%20full", FORM, "", 400, "unknown_field", "'text'"),
    "an ampersand in a form": (b"message=Disk full & dying", FORM, "", 400, "unknown_field", "%26"),
    "a field twice": (b"message=a&message=b", FORM, "", 400, "repeated_field", "'message'"),
    "no JSON": (b"message=x", "application/json", "", 400, "not_json", "not JSON"),
}


@pytest.mark.parametrize(
    ("body", "content_type", "encoding", "status", "reason", "hint"), REFUSED.values(), ids=REFUSED
)
def test_what_is_not_taken_is_refused_with_the_way_to_mend_it(
    body: bytes, content_type: str, encoding: str, status: int, reason: str, hint: str
) -> None:
    with pytest.raises(PushRefused) as refusal:
        read(body, content_type, encoding)

    assert (refusal.value.status, refusal.value.reason) == (status, reason)
    assert hint in refusal.value.detail
