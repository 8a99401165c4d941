"""The loop that all connections of a process are in, and the time that each of them has."""

import errno
import logging
import selectors
import time
from collections.abc import Callable, Sequence
from typing import Any

from gunicorn.asgi.parser import ParseError
from gunicorn.http.errors import ParseException

from server.listener.connection import Connection
from server.listener.reader import BodyTooLarge
from server.listener.refusal import STOPPING, TIMEOUT, Refusal, refusal_of, short_body
from server.listener.waiting import Waiting

log = logging.getLogger(__name__)

HEAD_SECONDS = 5.0
BODY_SECONDS = 30.0
SEND_SECONDS = 30.0
# An answer would be lost if the connection were reset while the client is still sending.
LINGER_SECONDS = 2.0
# What those that wait are given when the process stops.
STOP_SECONDS = 2.0
# How exactly the time is kept.
TICK_SECONDS = 0.5

READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE


class Loop:
    """Each connection waits here for its peer, or is being answered elsewhere."""

    def __init__(
        self,
        cfg: Any,
        submit: Callable[[Connection], None],  # have a request answered, then call `answered`
        refused: Callable[[str], None],
        most: int,
    ) -> None:
        self.poller = selectors.DefaultSelector()
        self._cfg = cfg
        self._submit = submit
        self._refused = refused
        self._waiting: Waiting[Connection] = Waiting(most)
        self._answering: set[Connection] = set()
        self._is_stopping = False
        self._looked_at = time.monotonic()

    @property
    def is_busy(self) -> bool:
        """Tell whether there is any connection."""
        return bool(self._answering or self._waiting)

    def listen(self, listeners: Sequence[Any]) -> None:
        """Take connections from *listeners*."""
        for listener in listeners:
            listener.setblocking(False)
            self.poller.register(listener, READ, self._accept)

    def stop(self, listeners: Sequence[Any]) -> None:
        """Take those that have come already, and no more; let the others finish soon."""
        self._is_stopping = True
        for listener in listeners:
            self.poller.unregister(listener)
            while self._accept(listener):
                pass
            listener.close()
        for connection in self._waiting:
            self._give(connection, STOP_SECONDS)

    def turn(self) -> None:
        """Do what can be done now, or wait for it for a moment."""
        for key, _ in self.poller.select(TICK_SECONDS):
            key.data(key.fileobj)
        now = time.monotonic()
        if now - self._looked_at >= TICK_SECONDS:
            self._looked_at = now
            for connection in self._waiting.overdue(now):
                self._end_overdue(connection)

    def answered(self, connection: Connection) -> None:
        """Go on with a connection that a request of was submitted."""
        self._answering.discard(connection)
        self._guard(self._go_on, connection)

    def _go_on(self, connection: Connection) -> None:
        """Send what is to be sent, then do what comes after it."""
        if not connection.flush():
            self._wait(connection, SEND_SECONDS, self._on_writable, WRITE)
        elif connection.is_closing:
            connection.shut()
            self._wait(connection, LINGER_SECONDS, self._on_lingering)
        elif connection.body_is_wanted and not connection.reader.is_complete:
            self._wait(connection, BODY_SECONDS, self._on_readable)
        else:
            self._next_request(connection)

    def _accept(self, listener: Any) -> bool:
        """Take one connection: the other processes are to get theirs."""
        try:
            sock, client = listener.accept()
        except OSError as error:
            if error.errno in (errno.EMFILE, errno.ENFILE) and self._waiting:
                self._drop(next(iter(self._waiting)))
            return False
        try:
            connection = Connection(sock, client, self._cfg)
        except OSError:  # it is gone already
            sock.close()
        else:
            self._wait(connection, HEAD_SECONDS, self._on_readable)
        return True

    def _wait(
        self,
        connection: Connection,
        seconds: float,
        ready: Callable[[Connection], None],
        events: int = READ,
    ) -> None:
        def go(_sock: object) -> None:
            if connection in self._waiting:  # it may just have had to go for another
                self._guard(ready, connection)

        connection.deadline = float("inf")
        self._give(connection, min(seconds, STOP_SECONDS) if self._is_stopping else seconds)
        self.poller.register(connection.sock, events, go)
        self._drop(*self._waiting.add(connection, connection.reader.held_bytes))

    def _guard(self, act: Callable[[Connection], None], connection: Connection) -> None:
        """Let no connection end the loop that all others are in."""
        try:
            act(connection)
        except Exception:
            log.exception("A connection failed.")
            self._drop(connection)

    @staticmethod
    def _give(connection: Connection, seconds: float) -> None:
        connection.deadline = min(connection.deadline, time.monotonic() + seconds)

    def _leave(self, connection: Connection) -> None:
        self.poller.unregister(connection.sock)
        self._waiting.remove(connection)

    def _drop(self, *connections: Connection) -> None:
        for connection in connections:
            if connection in self._waiting:
                self._leave(connection)
            connection.sock.close()

    def _end_overdue(self, connection: Connection) -> None:
        if connection.is_reading and connection.reader.has_begun:
            self._refuse(connection, STOPPING if self._is_stopping else TIMEOUT)
        else:
            self._drop(connection)

    def _on_readable(self, connection: Connection) -> None:
        data = connection.receive()
        if data is None:
            return
        if data:
            self._take(connection, data)
        elif connection.reader.head is None:
            self._drop(connection)
        else:
            self._refuse(connection, short_body(connection.reader.progress))

    def _take(self, connection: Connection, data: bytes) -> None:
        """Let the request grow, and have it answered when it can be."""
        if not self._feed(connection, data):
            return
        if connection.is_idle and connection.reader.has_begun:
            connection.is_idle = False
            self._give(connection, HEAD_SECONDS)
        if not self._hand_over(connection):
            self._drop(*self._waiting.weigh(connection, connection.reader.held_bytes))

    def _on_writable(self, connection: Connection) -> None:
        if connection.flush():
            self._leave(connection)
            self._go_on(connection)

    def _on_lingering(self, connection: Connection) -> None:
        if connection.receive() == b"":
            self._drop(connection)

    def _feed(self, connection: Connection, data: bytes) -> bool:
        """Let the request grow; False if it is refused."""
        try:
            connection.reader.feed(data)
        except (ParseException, ParseError, BodyTooLarge, StopIteration, OSError) as error:
            self._refuse(connection, refusal_of(error))
            return False
        return True

    def _hand_over(self, connection: Connection) -> bool:
        """Have the request answered if it is complete, or if its head was not looked at yet."""
        reader = connection.reader
        if reader.head is None or (connection.body_is_wanted and not reader.is_complete):
            return False
        self._leave(connection)
        self._answering.add(connection)
        self._submit(connection)
        return True

    def _next_request(self, connection: Connection) -> None:
        connection.body_is_wanted = False
        connection.is_idle = True
        connection.reader.next()
        self._wait(connection, self._cfg.keepalive, self._on_readable)
        if connection.reader.has_begun:
            # It has come along with the request before: the socket may have nothing more.
            self._take(connection, b"")

    def _refuse(self, connection: Connection, refusal: Refusal) -> None:
        self._refused(refusal.reason)
        self._leave(connection)
        connection.replace(refusal.answer())
        self._go_on(connection)
