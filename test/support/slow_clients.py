"""Clients that open connections and then take their time; whoever loses one opens another."""

import resource
import selectors
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

FORGED = b"X-Signature-Ed25519: " + b"0" * 128 + b"\r\nX-Signature-Timestamp: 1700000000\r\n"
LENGTH = b"Host: bridge\r\nContent-Length: 100\r\n"

# What each kind sends first; then all but the first and the last send a byte now and then.
SILENT = b""
HEAD = b"POST / HTTP/1.1\r\nHost: bridge\r\nX-Slow: "
WEBHOOK = b"POST / HTTP/1.1\r\n" + LENGTH + b"\r\n"
INTERACTION = b"POST /interactions HTTP/1.1\r\n" + LENGTH + FORGED + b"\r\n"
MESSAGE = b"POST /messages HTTP/1.1\r\n" + LENGTH + b"\r\n"
IDLE = b"GET /openapi.json HTTP/1.1\r\nHost: bridge\r\n\r\n"
KINDS = (SILENT, HEAD, WEBHOOK, INTERACTION, MESSAGE, IDLE)

BYTE_EVERY_SECONDS = 1.0
# After a connection is lost; clients that return at once are a flood, which is something else.
RETURN_SECONDS = 0.5


@dataclass
class SlowClients:
    """A number of connections that are held by one thread."""

    port: int
    kinds: Sequence[bytes]
    opened: int = 0
    longest_seconds: float = 0.0  # that a connection was waited for until it was ended
    _since: dict[socket.socket, tuple[int, float]] = field(default_factory=dict)
    _absent: list[tuple[float, int]] = field(default_factory=list)
    _selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    _stopped: threading.Event = field(default_factory=threading.Event)

    @property
    def held(self) -> int:
        """Return how many connections are open now."""
        return len(self._since)

    def run(self) -> None:
        """Hold them until told to stop."""
        self._absent = [(0.0, number) for number in range(len(self.kinds))]
        byte_at = time.monotonic() + BYTE_EVERY_SECONDS
        while not self._stopped.is_set():
            now = time.monotonic()
            back = [number for due, number in self._absent if due <= now][:50]
            self._absent = [one for one in self._absent if one[1] not in back]
            for number in back:
                self._open(number)
            if now >= byte_at:
                byte_at = now + BYTE_EVERY_SECONDS
                self._send_bytes()
            for key, events in self._selector.select(0.05):
                self._attend(key, events)
        for sock in self._since:
            sock.close()
        self._selector.close()

    def stop(self) -> None:
        """Close them all."""
        self._stopped.set()

    def _open(self, number: int) -> None:
        sock = socket.socket()
        sock.setblocking(False)
        sock.connect_ex(("127.0.0.1", self.port))
        self.opened += 1
        self._since[sock] = (number, time.monotonic())
        self._selector.register(sock, selectors.EVENT_WRITE, number)

    def _attend(self, key: selectors.SelectorKey, events: int) -> None:
        sock = key.fileobj
        assert isinstance(sock, socket.socket)
        try:
            if events & selectors.EVENT_WRITE:
                sock.send(self.kinds[key.data])
                self._selector.modify(sock, selectors.EVENT_READ, key.data)
            elif not sock.recv(65536):
                self._lose(sock)
        except OSError:
            self._lose(sock)

    def _send_bytes(self) -> None:
        for sock, (number, _) in list(self._since.items()):
            if self.kinds[number] in (SILENT, IDLE):
                continue
            try:
                sock.send(b"x")
            except BlockingIOError:
                continue
            except OSError:
                self._lose(sock)

    def _lose(self, sock: socket.socket) -> None:
        number, since = self._since.pop(sock)
        now = time.monotonic()
        if self.kinds[number] != IDLE:
            self.longest_seconds = max(self.longest_seconds, now - since)
        self._absent.append((now + RETURN_SECONDS, number))
        self._selector.unregister(sock)
        sock.close()


@contextmanager
def slow_clients(port: int, count: int, kinds: Sequence[bytes] = KINDS) -> Iterator[SlowClients]:
    """Hold *count* connections of all *kinds* until the block ends."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 2 * count + 500)), hard))
    clients = SlowClients(port, [kinds[number % len(kinds)] for number in range(count)])
    thread = threading.Thread(target=clients.run, daemon=True)
    thread.start()
    try:
        yield clients
    finally:
        clients.stop()
        thread.join()
