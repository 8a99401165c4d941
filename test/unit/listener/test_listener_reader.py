"""Requests are read the same however their bytes are cut."""

import itertools

import pytest
from gunicorn.asgi.parser import ParseError
from gunicorn.config import Config
from gunicorn.http.errors import ParseException
from hypothesis import given
from hypothesis import strategies as st

from server.listener import reader
from server.listener.reader import BodyTooLarge, RequestReader

CLIENT = ("192.0.2.1", 5)
TWO = (
    b"POST /one HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
    b"\r\n"
    b"PUT /two HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"5;a=b\r\nhello\r\n7\r\n, world\r\n0\r\nX-Sum: 1\r\n\r\n"
    b"GET /three HTTP/1.1\r\nHost: a\r\n\r\n"
)
FOUND = [("POST", "/one", b"hello"), ("PUT", "/two", b"hello, world"), ("GET", "/three", b"")]


def read(pieces: list[bytes]) -> list[tuple[str, str, bytes]]:
    reading, found = RequestReader(Config(), CLIENT), []
    for piece in pieces:
        reading.feed(piece)
        while reading.is_complete:
            found.append((reading.head.method, reading.head.path, reading.take_body()))
            reading.next()
            reading.feed(b"")
    return found


def test_requests_that_come_at_once_are_read_one_by_one() -> None:
    assert read([TWO]) == FOUND


def test_requests_that_come_byte_by_byte_are_read_alike() -> None:
    assert read([TWO[at : at + 1] for at in range(len(TWO))]) == FOUND


@given(st.lists(st.integers(0, len(TWO)), max_size=8))
def test_requests_are_read_alike_wherever_they_are_cut(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(TWO)]

    assert read([TWO[start:end] for start, end in itertools.pairwise(edges)]) == FOUND


@given(st.binary(max_size=300))
def test_whatever_comes_is_read_or_refused(data: bytes) -> None:
    reading = RequestReader(Config(), CLIENT)
    try:
        reading.feed(data + b"\r\n\r\n")
    except (ParseException, ParseError):
        return
    assert reading.head is None or reading.head.method


def test_what_is_held_is_known() -> None:
    reading = RequestReader(Config(), CLIENT)

    reading.feed(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel")

    assert (reading.has_begun, reading.is_complete, reading.held_bytes) == (True, False, 3)


def test_a_head_is_no_longer_than_allowed() -> None:
    reading = RequestReader(Config(), CLIENT)

    with pytest.raises(ParseException):
        reading.feed(b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * (reader.HEAD_BYTES // 6))


def test_chunks_are_no_more_than_allowed() -> None:
    reading = RequestReader(Config(), CLIENT)
    reading.feed(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
    chunk = b"100000\r\n" + bytes(1024**2) + b"\r\n"
    for _ in range(8):
        reading.feed(chunk)

    with pytest.raises(BodyTooLarge):
        reading.feed(b"1\r\n0")
