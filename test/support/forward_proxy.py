"""A proxy on the way out, as companies have one: CONNECT for TLS, whole addresses for the rest."""

import socket
import threading
from contextlib import suppress
from urllib.parse import urlsplit


class ForwardProxy:
    """Lead every host to one server of the test, and note who was asked for."""

    def __init__(self, target: str) -> None:
        parts = urlsplit(target)
        self._target = (parts.hostname or "", parts.port or 0)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.asked: set[str] = set()
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def url(self) -> str:
        """Return its address."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def end(self) -> None:
        """Listen no more."""
        self._listener.close()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with suppress(OSError, ValueError), client:
            head = b""
            while b"\r\n\r\n" not in head:
                head += client.recv(65536) or b"\r\n\r\n"
            line, _, rest = head.partition(b"\r\n")
            method, address, version = line.decode().split(" ")
            if method == "CONNECT":
                self.asked.add(f"CONNECT {address}")
                client.sendall(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
                return
            parts = urlsplit(address)
            self.asked.add(f"{parts.scheme}://{parts.netloc}")
            path = parts._replace(scheme="", netloc="").geturl()
            with socket.create_connection(self._target) as server:
                server.sendall(f"{method} {path} {version}\r\n".encode() + rest)
                back = threading.Thread(target=_pass_on, args=(server, client), daemon=True)
                back.start()
                _pass_on(client, server)
                back.join()


def _pass_on(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(65536):
            sink.sendall(piece)
        sink.shutdown(socket.SHUT_WR)
