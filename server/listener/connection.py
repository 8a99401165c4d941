"""One connection: what has come of its request, and what is still to be sent. It never waits."""

import socket
from typing import Any

from server.listener.reader import RequestReader
from server.listener.waiting import network_of

RECEIVE_BYTES = 64 * 1024


class Connection:
    """A client's socket, with the request that is read from it and the answer that goes out."""

    def __init__(self, sock: socket.socket, client: Any, cfg: Any) -> None:
        sock.setblocking(False)
        self.sock = sock
        self.client = client
        self.server = sock.getsockname()
        self.network = network_of(client[0])
        self.reader = RequestReader(cfg, client)
        self.deadline = 0.0
        self.is_idle = False  # between two requests
        self.body_is_wanted = False  # the application has seen the head, and asks for the body
        self.is_closing = False  # after what is still to be sent
        self._out = bytearray()

    @property
    def is_reading(self) -> bool:
        """Tell whether the next thing to happen is that something of a request comes."""
        return not self.is_closing and not self._out

    def receive(self) -> bytes | None:
        """Return what has come: b"" is the end, None is nothing yet."""
        try:
            return self.sock.recv(RECEIVE_BYTES)
        except BlockingIOError:
            return None
        except OSError:
            return b""

    def sendall(self, data: bytes) -> None:
        """Have *data* sent; gunicorn writes its answers to this."""
        self._out += data

    def replace(self, data: bytes) -> None:
        """Send *data* in place of what was to be sent, and close."""
        self._out[:] = data
        self.is_closing = True

    def flush(self) -> bool:
        """Send what can be sent now; return whether that was all."""
        try:
            while self._out:
                del self._out[: self.sock.send(self._out)]
        except BlockingIOError:
            return False
        except OSError:  # the client is gone
            self._out.clear()
            self.is_closing = True
        return True

    def shut(self) -> None:
        """Say that nothing more will be sent."""
        try:
            self.sock.shutdown(socket.SHUT_WR)
        except OSError:
            return
