"""HTTP byte by byte: what no client of a library would send."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import parse_headers
from typing import Any

SECONDS = 60.0


class Wire:
    """One connection to a server."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._file = sock.makefile("rb")

    def send(self, *parts: bytes) -> None:
        """Send bytes as they are."""
        self._sock.sendall(b"".join(parts))

    def end(self) -> None:
        """Send nothing more, and go on reading."""
        self._sock.shutdown(socket.SHUT_WR)

    def answer(self) -> tuple[int, Any]:
        """Return the status of the next answer, and its JSON if it has any."""
        status = int(self._file.readline().split()[1])
        headers = parse_headers(self._file)
        body = self._file.read(int(headers.get("Content-Length", 0)))
        return status, json.loads(body) if body else None

    def reason(self) -> tuple[int, str]:
        """Return the status of the next answer, and the reason of its refusal."""
        status, body = self.answer()
        return status, body["error"] if body and "error" in body else ""

    def rest(self) -> bytes:
        """Return everything until the server closes."""
        return self._file.read()


@contextmanager
def wire(port: int, host: str = "127.0.0.1") -> Iterator[Wire]:
    """Open a connection."""
    with socket.create_connection((host, port), timeout=SECONDS) as sock:
        yield Wire(sock)


def head(method: str, path: str, **headers: object) -> bytes:
    """Write a head; `_` in a name stands for `-`."""
    lines = [f"{method} {path} HTTP/1.1", "Host: bridge"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()
