"""A TCP proxy that delays every byte in each direction, as a database far away does."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from queue import SimpleQueue

CHUNK = 256 * 1024


@contextmanager
def slow_link(port: int, seconds: float) -> Iterator[int]:
    """Pass on to *port* of this machine, each way *seconds* late; give the port to connect to."""
    link = _Link(port, seconds)
    threading.Thread(target=link.accept, daemon=True).start()
    try:
        yield int(link.listening.getsockname()[1])
    finally:
        link.close()


class _Link:
    def __init__(self, port: int, seconds: float) -> None:
        self.listening = socket.create_server(("127.0.0.1", 0))
        self._port = port
        self._seconds = seconds
        self._sockets = [self.listening]
        self._pause = threading.Event()  # set at the end

    def accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self.listening.accept()
                self._sockets.append(near)
                threading.Thread(target=self._connect, args=(near,), daemon=True).start()

    def _connect(self, near: socket.socket) -> None:
        # A connection exists after one round trip; on loopback it was there at once.
        if self._pause.wait(2 * self._seconds):
            return
        try:
            far = socket.create_connection(("127.0.0.1", self._port))
        except OSError:
            _end(near)
            return
        self._sockets.append(far)
        for source, target in ((near, far), (far, near)):
            pieces: SimpleQueue[tuple[float, bytes]] = SimpleQueue()
            for act, end in ((self._take, source), (self._give, target)):
                threading.Thread(target=act, args=(end, pieces), daemon=True).start()

    def _take(self, source: socket.socket, pieces: SimpleQueue[tuple[float, bytes]]) -> None:
        data = b"begin"
        while data:
            try:
                data = source.recv(CHUNK)
            except OSError:
                data = b""
            pieces.put((time.monotonic() + self._seconds, data))

    def _give(self, target: socket.socket, pieces: SimpleQueue[tuple[float, bytes]]) -> None:
        with suppress(OSError):
            while True:
                due, data = pieces.get()
                self._pause.wait(max(0.0, due - time.monotonic()))
                if not data:
                    break
                target.sendall(data)
        _end(target)

    def close(self) -> None:
        self._pause.set()
        for one in self._sockets:
            _end(one)
            one.close()


def _end(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
