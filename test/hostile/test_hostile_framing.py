"""Requests whose bytes are wrong: nothing of them is taken, and nothing fails."""

from datetime import UTC, datetime

import pytest
from discord_signing import signed
from front import AUTHORIZATION, output_of, port_of
from stack import SECRET, Bridge
from wire import head, wire

from playground.drone.builds import play
from playground.drone.signing import sign

BODY = play("push")[0].body
PING = b'{"type":1}'
CHUNKED = {"Transfer-Encoding": "chunked"}
TEXT = {**AUTHORIZATION, "Content-Type": "text/plain"}
MEBIBYTE = 1024**2


def webhook(body: bytes = BODY) -> dict[str, str]:
    return dict(sign(body, SECRET, datetime.now(UTC)))


def ping(body: bytes = PING) -> dict[str, str]:
    return signed(body, datetime.now(UTC))


ENDPOINTS = {
    "a webhook": ("POST", "/", webhook),
    "an interaction": ("POST", "/interactions", ping),
    "a new message": ("POST", "/messages", lambda: TEXT),
    "an update": ("PUT", "/messages/nas", lambda: TEXT),
    "a removal": ("DELETE", "/messages/nas", lambda: TEXT),
}


@pytest.mark.parametrize("endpoint", ENDPOINTS.values(), ids=ENDPOINTS)
def test_a_body_that_ends_too_early_is_not_taken(front: Bridge, endpoint: tuple) -> None:
    method, path, proof = endpoint
    before = front.deliveries()

    with wire(port_of(front)) as connection:
        connection.send(head(method, path, **proof(), Content_Length=100))
        connection.send(b"delete all backups NOT t")
        connection.end()
        assert connection.reason() == (400, "short_body")

    with wire(port_of(front)) as connection:
        connection.send(head(method, path, **proof(), **CHUNKED), b"20\r\ndelete all backups NOT t")
        connection.end()
        assert connection.reason() == (400, "short_body")

    assert front.deliveries() == before


LIMITS = {
    "a webhook": ("/", webhook, 8 * MEBIBYTE),
    "an interaction": ("/interactions", ping, MEBIBYTE),
    "a message": ("/messages", lambda: TEXT, MEBIBYTE),
}


@pytest.mark.parametrize(("path", "proof", "limit"), LIMITS.values(), ids=LIMITS)
def test_chunks_over_the_limit_are_refused_whole(
    front: Bridge,
    path: str,
    proof: object,
    limit: int,
) -> None:
    before = front.deliveries()
    assert callable(proof)

    with wire(port_of(front)) as connection:
        connection.send(head("POST", path, **proof(), **CHUNKED))
        for _ in range(limit // MEBIBYTE):
            connection.send(b"100000\r\n", b"x" * MEBIBYTE, b"\r\n")
        connection.send(b"1\r\nx\r\n0\r\n\r\n")
        status, answer = connection.answer()

    detail = f"The body is over {limit // MEBIBYTE} MiB."
    assert (status, answer) == (413, {"error": "too_large", "detail": detail})
    assert front.deliveries() == before


BROKEN_CHUNKS = {
    "no number": b"zz\r\n",
    "a negative number": b"-1\r\n",
    "a number and a sign": b"+5\r\nhello\r\n0\r\n\r\n",
    "underlined digits": b"1_0\r\n0123456789abcdef\r\n0\r\n\r\n",
    "a bare line feed": b"5\nhello\n0\n\n",
    "more than was said": b"3\r\nhello\r\n0\r\n\r\n",
    "a size without an end": b"0" * 20_000,
    "trailers without an end": b"0\r\n" + b"X-A: b\r\n" * 10_000,
    "a header that decides in a trailer": b"0\r\nContent-Length: 5\r\n\r\n",
}


@pytest.mark.parametrize("chunks", BROKEN_CHUNKS.values(), ids=BROKEN_CHUNKS)
def test_broken_chunks_are_refused_without_a_traceback(front: Bridge, chunks: bytes) -> None:
    with wire(port_of(front)) as connection:
        connection.send(head("POST", "/messages", **TEXT, **CHUNKED), chunks)
        assert connection.reason() == (400, "bad_chunk")

    assert "Traceback" not in output_of(front)


HEADS = {
    "two lengths": (head("POST", "/", Content_Length=1)[:-2] + b"Content-Length: 2\r\n\r\n", 400),
    "a length and chunks": (head("POST", "/", Content_Length=1, **CHUNKED), 400),
    "a length that is none": (head("POST", "/", Content_Length="1e3"), 400),
    "a negative length": (head("POST", "/", Content_Length=-1), 400),
    "chunks within chunks": (head("POST", "/", Transfer_Encoding="chunked, chunked"), 400),
    "chunks and then gzip": (head("POST", "/", Transfer_Encoding="chunked, gzip"), 400),
    "an unknown coding": (head("POST", "/", Transfer_Encoding="klingon"), 501),
    "chunks in HTTP/1.0": (b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    "a space before the colon": (b"GET /health HTTP/1.1\r\nHost : a\r\n\r\n", 400),
    "a folded line": (b"GET /health HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", 400),
    "two hosts": (b"GET /health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
    "bare line feeds": (b"GET /health HTTP/1.1\nHost: a\n\n", 400),
    "another expectation": (head("POST", "/", Expect="a miracle", Content_Length=1), 417),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    "TLS": (b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03\n" + bytes(60), 400),
    "a long address": (head("GET", "/" + "x" * 5000), 414),
    "a long header": (head("GET", "/health", X_Long="x" * 9000), 431),
    "many headers": (head("GET", "/health", **{f"X-{number}": 1 for number in range(150)}), 431),
    "headers without an end": (head("GET", "/health")[:-2] + b"X: y\r\n" * 10_000, 431),
}


@pytest.mark.parametrize(("data", "status"), HEADS.values(), ids=HEADS)
def test_a_head_that_can_be_read_in_two_ways_is_refused(
    front: Bridge,
    data: bytes,
    status: int,
) -> None:
    with wire(port_of(front)) as connection:
        connection.send(data)
        answer = connection.reason()
        rest = connection.rest()

    assert (answer[0], bool(answer[1]), rest) == (status, True, b"")
    assert "Traceback" not in output_of(front)


@pytest.mark.parametrize("path", ["/", "/interactions", "/messages"])
def test_who_proves_nothing_is_refused_before_the_body(front: Bridge, path: str) -> None:
    with wire(port_of(front)) as connection:
        connection.send(head("POST", path, Content_Length=100))
        assert connection.reason()[0] == 401

    with wire(port_of(front)) as connection:
        connection.send(head("POST", path, Content_Length=100, Expect="100-continue"))
        assert connection.rest().startswith(b"HTTP/1.1 401 ")


def test_a_webhook_with_a_forged_signature_is_refused_before_the_body(front: Bridge) -> None:
    forged = dict(sign(BODY, "guessed", datetime.now(UTC)))

    with wire(port_of(front)) as connection:
        connection.send(head("POST", "/", **forged, Content_Length=len(BODY)))
        assert connection.reason() == (401, "bad_signature")


def test_a_body_that_is_announced_is_asked_for(front: Bridge) -> None:
    with wire(port_of(front)) as connection:
        connection.send(
            head("PUT", "/messages/nas", **TEXT, Content_Length=5, Expect="100-continue")
        )
        assert connection.answer() == (100, None)
        connection.send(b"hello")
        assert connection.answer()[0] == 202


def test_a_body_in_small_pieces_is_put_together(front: Bridge) -> None:
    data = head("POST", "/", **webhook(), Content_Length=len(BODY)) + BODY

    with wire(port_of(front)) as connection:
        for start in range(0, len(data), 100):
            connection.send(data[start : start + 100])
        assert connection.answer() == (204, None)

    assert BODY in [kept["body"] for kept in front.deliveries()]


def test_requests_that_come_together_are_answered_in_their_order(front: Bridge) -> None:
    message = head("PUT", "/messages/nas", **TEXT, **CHUNKED) + b"5\r\nhello\r\n0\r\n\r\n"
    sized = head("PUT", "/messages/nas", **TEXT, Content_Length=5) + b"hello"

    with wire(port_of(front)) as connection:
        connection.send(head("GET", "/openapi.json"), message, sized, head("GET", "/nothing"))
        statuses = [connection.answer()[0] for _ in range(4)]

    assert statuses == [200, 202, 202, 404]
