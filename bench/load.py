"""Send prepared requests over connections that stay open, from one thread and with little work.

It must not be what is measured: it neither signs nor parses, and tells how busy it was itself.
"""

import selectors
import socket
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bench.webhooks import Timed

ANSWER_SECONDS = 10.0


class NotTaken(Exception):
    """Say that a request was not answered 204."""


@dataclass(frozen=True, slots=True)
class Shot:
    """One request that was answered: the instant of its last byte, and the wait for the answer."""

    number: int
    sent_at: float  # Unix seconds
    seconds: float


@dataclass(slots=True)
class Load:
    """What was sent, and what it took; *busy* is the share of a core that sending used."""

    shots: list[Shot] = field(default_factory=list)
    seconds: float = 0.0
    busy: float = 0.0

    @property
    def per_second(self) -> float:
        """Return how many requests were answered in a second."""
        return len(self.shots) / self.seconds

    @property
    def waits(self) -> list[float]:
        """Return the waits for an answer, in seconds."""
        return [shot.seconds for shot in self.shots]


def as_fast_as_taken(port: int, requests: Iterable[bytes], seconds: float, lines: int = 8) -> Load:
    """Send one request after the other on each of *lines* connections, for some seconds."""
    return _Sender(port, (Timed(0.0, request) for request in requests), lines).run(seconds)


def on_time(port: int, requests: Iterable[Timed], seconds: float, lines: int = 16) -> Load:
    """Send each request when its time has come; give up after some seconds."""
    return _Sender(port, iter(requests), lines).run(seconds)


class _Sender:
    def __init__(self, port: int, requests: Iterator[Timed], lines: int) -> None:
        self._requests = enumerate(requests)
        self._next = next(self._requests, None)
        self._port = port
        self._free = [_connect(port) for _ in range(lines)]
        self._out: dict[socket.socket, tuple[int, float, float]] = {}
        self._selector = selectors.DefaultSelector()
        self._load = Load()

    def run(self, seconds: float) -> Load:
        """Send until nothing is left or the time is over; what is out then is still awaited."""
        for line in self._free:
            self._selector.register(line, selectors.EVENT_READ)
        started, worked = time.monotonic(), time.process_time()
        try:
            while (elapsed := time.monotonic() - started) < seconds and (self._next or self._out):
                self._send(elapsed)
                self._receive(self._pause(elapsed, seconds))
            self._load.seconds = time.monotonic() - started
            self._load.busy = (time.process_time() - worked) / self._load.seconds
            self._await_the_last()
        finally:
            self._selector.close()
            for line in (*self._free, *self._out):
                line.close()
        return self._load

    def _await_the_last(self) -> None:
        answered = len(self._load.shots)
        deadline = time.monotonic() + ANSWER_SECONDS
        while self._out and time.monotonic() < deadline:
            self._receive(ANSWER_SECONDS)
        if self._out:
            raise NotTaken(f"{len(self._out)} requests had no answer in {ANSWER_SECONDS} s")
        del self._load.shots[answered:]  # they belong to no full second

    def _send(self, elapsed: float) -> None:
        while self._free and self._next is not None and self._next[1].at <= elapsed:
            number, timed = self._next
            line = self._free.pop()
            line.sendall(timed.request)
            self._out[line] = (number, time.time(), time.monotonic())
            self._next = next(self._requests, None)

    def _pause(self, elapsed: float, seconds: float) -> float:
        if self._next is None or not self._free:
            return seconds - elapsed
        return max(0.0, min(self._next[1].at, seconds) - elapsed)

    def _receive(self, seconds: float) -> None:
        for key, _ in self._selector.select(seconds):
            line = key.fileobj
            if not isinstance(line, socket.socket):
                continue
            if line not in self._out:
                self._renew(line)
                continue
            answer = line.recv(65536)
            if not (answer.startswith(b"HTTP/1.1 204") and answer.endswith(b"\r\n\r\n")):
                raise NotTaken(f"not answered 204: {answer[:300]!r}")
            number, sent_at, began = self._out.pop(line)
            self._load.shots.append(Shot(number, sent_at, time.monotonic() - began))
            self._free.append(line)

    def _renew(self, idle: socket.socket) -> None:
        """Connect anew for a connection that the server closed because nothing came."""
        self._selector.unregister(idle)
        self._free.remove(idle)
        idle.close()
        self._free.append(_connect(self._port))
        self._selector.register(self._free[-1], selectors.EVENT_READ)


def _connect(port: int) -> socket.socket:
    line = socket.create_connection(("127.0.0.1", port), timeout=ANSWER_SECONDS)
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return line
