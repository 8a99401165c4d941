"""Lend a server on loopback an address that containers reach."""

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit


@contextmanager
def relayed(address: str, host: str) -> Iterator[str]:
    """Pass on what comes to a free port of *host* to *address*; give the address there."""
    target = urlsplit(address)

    class Connection(socketserver.BaseRequestHandler):
        """One connection, with another to the target."""

        def handle(self) -> None:
            """Copy both ways until either end is closed."""
            with socket.create_connection((target.hostname, target.port)) as other:
                back = threading.Thread(target=_copy, args=(other, self.request), daemon=True)
                back.start()
                _copy(self.request, other)
                back.join()

    class Relay(socketserver.ThreadingTCPServer):
        """The port."""

        daemon_threads = True
        request_queue_size = 64

    with Relay((host, 0), Connection) as relay:
        threading.Thread(target=relay.serve_forever, daemon=True).start()
        yield f"http://{host}:{relay.server_address[1]}"
        relay.shutdown()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
