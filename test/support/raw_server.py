"""A server that answers with whatever bytes a test wants, at whatever pace."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Script = Callable[[socket.socket], None]


class RawServer:
    """A server on loopback; every connection is answered by one script."""

    def __init__(self, script: Script, tls: ssl.SSLContext | None = None) -> None:
        self._script = script
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.heads: list[bytes] = []  # of the requests that came
        self.sent = 0  # bytes
        self.over = threading.Event()  # set when the test is over, so that no script outlives it

    @property
    def url(self) -> str:
        """Return its address."""
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    def accept(self) -> None:
        """Answer connections until the server is closed."""
        with suppress(OSError):
            while True:
                sock, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def close(self) -> None:
        """End every script and take no more connections."""
        self.over.set()
        self._listener.close()

    def drip(self, sock: socket.socket, data: bytes, seconds: float = 0.05) -> None:
        """Send *data* byte by byte."""
        for place in range(len(data)):
            if self.over.wait(seconds):
                return
            sock.sendall(data[place : place + 1])
            self.sent += 1

    def pour(self, sock: socket.socket, data: bytes, times: int) -> None:
        """Send *data* again and again."""
        for _ in range(times):
            sock.sendall(data)
            self.sent += len(data)

    def _serve(self, plain: socket.socket) -> None:
        # Whoever is tested hangs up as a rule.
        with suppress(OSError), plain:
            sock = self._tls.wrap_socket(plain, server_side=True) if self._tls else plain
            with sock:
                head = b""
                while b"\r\n\r\n" not in head and (piece := sock.recv(65536)):
                    head += piece
                self.heads.append(head)
                self._script(sock)


@contextmanager
def answering(
    script: Callable[[RawServer, socket.socket], None], tls: ssl.SSLContext | None = None
) -> Iterator[RawServer]:
    """Run a server that answers every connection by *script*."""
    server = RawServer(lambda sock: script(server, sock), tls)
    threading.Thread(target=server.accept, daemon=True).start()
    try:
        yield server
    finally:
        server.close()
