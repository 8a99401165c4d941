"""The client for Discord and Drone: whatever the other end does, a call ends in time and room."""

import gzip
import socket
import ssl
import subprocess
import time
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from raw_server import RawServer, answering
from stack import eventually

from runtime.secret import Secret
from server.core.http_answer import Answer
from server.edges.discord import LIMITS, DiscordRest
from server.edges.drone import DroneRest
from server.edges.http import Authorization, HttpClient, Limits

BRIEF = Limits(connect=1.0, read=0.3, total=0.6, size=100_000)
PATIENT = Limits(connect=5.0, read=20.0, total=30.0, size=100_000)
MEGABYTE = b"x" * 1024 * 1024
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def client_of(url: str) -> HttpClient:
    return HttpClient(url, Authorization("Bot", Secret("token-of-the-tests")), "agent")


def asked(url: str, limits: Limits) -> tuple[int, object, str]:
    """Make a call and return the answer without its headers."""
    answer = client_of(url).call("GET", "/x", limits)
    return answer.status, answer.body, answer.error


def once(body: bytes, headers: bytes = b"") -> Callable[[RawServer, socket.socket], None]:
    """Return a script that answers with *body*."""
    length = f"Content-Length: {len(body)}\r\n\r\n".encode()
    return lambda server, sock: sock.sendall(HEAD + headers + length + body)


def dripping(head: bytes, dripped: bytes) -> Callable[[RawServer, socket.socket], None]:
    """Return a script that sends *dripped* byte by byte, faster than each read may last."""

    def script(server: RawServer, sock: socket.socket) -> None:
        sock.sendall(head)
        server.drip(sock, dripped)

    return script


DRIPS = {
    "the status": dripping(b"", HEAD * 20),
    "a header": dripping(HEAD, b"X-Long: " + b"x" * 2000),
    "the body": dripping(HEAD + b"Content-Length: 2000\r\n\r\n", b"x" * 2000),
    "a body without a length": dripping(HEAD + b"\r\n", b"x" * 2000),
    "the size of a chunk": dripping(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"0" * 2000),
    "chunks": dripping(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n" * 400),
}


@pytest.mark.parametrize("script", DRIPS.values(), ids=DRIPS)
def test_an_answer_that_drips_is_given_up(
    script: Callable[[RawServer, socket.socket], None],
) -> None:
    with answering(script) as server:
        assert asked(server.url, BRIEF) == (0, {}, "timeout")


def test_an_answer_that_drips_through_a_proxy_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    with answering(DRIPS["the status"]) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.delenv("no_proxy", raising=False)

        assert asked("http://discord.example.com", BRIEF) == (0, {}, "timeout")
        assert proxy.heads[0].startswith(b"GET http://discord.example.com/x HTTP/1.1\r\n")


def test_an_answer_that_drips_over_tls_is_given_up(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"),
            *("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)

    with answering(once(b'{"a":1}'), tls) as server:
        assert asked(server.url, PATIENT) == (200, {"a": 1}, "")
    with answering(DRIPS["the body"], tls) as server:
        assert asked(server.url, BRIEF) == (0, {}, "timeout")


def test_a_body_without_end_is_not_read() -> None:
    def script(server: RawServer, sock: socket.socket) -> None:
        sock.sendall(HEAD + b"\r\n")
        server.pour(sock, MEGABYTE, 700)

    with answering(script) as server:
        assert asked(server.url, PATIENT) == (0, {}, "too_large")
        # What the sockets of both ends hold was sent as well.
        assert server.sent < 100 * len(MEGABYTE)


BOMB = gzip.compress(MEGABYTE * 64)
PACKED: dict[str, tuple[bytes, bytes, tuple[int, object, str]]] = {
    "gzip": (b"gzip", gzip.compress(b'{"a":1}'), (200, {"a": 1}, "")),
    "deflate": (b"deflate", zlib.compress(b'{"a":1}'), (200, {"a": 1}, "")),
    "half of it": (b"gzip", gzip.compress(b'{"a":1}')[:-5], (0, {}, "bad_encoding")),
    "something else": (b"gzip", b'{"a":1}', (0, {}, "bad_encoding")),
    "an encoding that nobody asked for": (b"br", b'{"a":1}', (0, {}, "bad_encoding")),
    "a bomb": (b"gzip", BOMB, (0, {}, "too_large")),
}


@pytest.mark.parametrize(("encoding", "body", "answer"), PACKED.values(), ids=PACKED)
def test_a_packed_answer_is_unpacked_in_little_room(
    encoding: bytes, body: bytes, answer: tuple[int, object, str]
) -> None:
    with answering(once(body, b"Content-Encoding: " + encoding + b"\r\n")) as server:
        assert asked(server.url, PATIENT) == answer
        assert b"Accept-Encoding: identity\r\n" in server.heads[0]


def test_a_redirect_is_not_followed() -> None:
    def script(server: RawServer, sock: socket.socket) -> None:
        where = f"HTTP/1.1 307 Moved\r\nLocation: {server.url}/y\r\nContent-Length: 0\r\n\r\n"
        sock.sendall(where.encode())

    with answering(script) as server:
        assert asked(server.url, PATIENT) == (307, {}, "")
        assert len(server.heads) == 1


def test_a_connection_is_used_again() -> None:
    def script(server: RawServer, sock: socket.socket) -> None:
        for _ in range(2):
            sock.sendall(HEAD + b"Content-Length: 2\r\n\r\n{}")
            sock.recv(65536)

    with answering(script) as server:
        client = client_of(server.url)
        assert [client.call("GET", "/x", PATIENT).status for _ in range(2)] == [200, 200]
        assert len(server.heads) == 1


def test_a_call_that_is_interrupted_ends_at_once() -> None:
    with (
        answering(lambda server, sock: [server.over.wait()].clear()) as server,
        ThreadPoolExecutor(1) as threads,
    ):
        client = client_of(server.url)
        began = time.monotonic()
        waiting = threads.submit(client.call, "GET", "/x", PATIENT)
        eventually(lambda: server.heads)

        client.interrupt()

        assert waiting.result(PATIENT.read) == Answer(0, {}, {}, "interrupted")
        assert time.monotonic() - began < PATIENT.read
        assert client.call("GET", "/x", PATIENT) == Answer(0, {}, {}, "interrupted")
        assert len(server.heads) == 1


CALLS: dict[str, Callable[[str], Answer]] = {
    "Discord": lambda url: DiscordRest(url, Secret("t")).create_message("1", {"content": "a"}),
    "Drone": lambda url: DroneRest(url, Secret("t")).build("octocat/hello-world", 1),
    "a log": lambda url: DroneRest(url, Secret("t")).step_log("octocat/hello-world", 1, 1, 1),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_every_api_has_a_bound(call: Callable[[str], Answer]) -> None:
    rows = b'{"pos":1,"out":"' + b"x" * 1000 + b'\\n"},'

    def script(server: RawServer, sock: socket.socket) -> None:
        sock.sendall(HEAD + b"\r\n[")
        server.pour(sock, rows * 1000, 700)

    with answering(script) as server:
        assert call(server.url).error == "too_large"
        assert server.sent < 100 * len(MEGABYTE)


def test_an_answer_of_discord_ends_before_the_worker_must() -> None:
    assert LIMITS.total <= 8.0


def test_many_threads_have_deadlines_of_their_own() -> None:
    quick = once(b"{}", b"Connection: close\r\n")

    def script(server: RawServer, sock: socket.socket) -> None:
        (quick if server.heads[1:] else DRIPS["the status"])(server, sock)

    with answering(script) as server, ThreadPoolExecutor(1) as threads:
        client = client_of(server.url)
        slow = threads.submit(client.call, "GET", "/slow", BRIEF)
        eventually(lambda: server.sent)
        statuses = [client.call("GET", "/x", PATIENT).status for _ in range(5)]

    assert statuses == [200] * 5
    assert slow.result() == Answer(0, {}, {}, "timeout")
