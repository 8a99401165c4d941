"""gunicorn's worker: one loop reads and writes all connections, threads answer whole requests.

A thread is never given a connection that something is still missing of, so slow clients cost a file
descriptor and a little memory. The application sees a request as soon as its head is there: what it
refuses by the head alone is refused before the body is read.
"""

import os
import queue
import selectors
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from gunicorn.workers.base import Worker as BaseWorker
from gunicorn.workers.gthread import PollableMethodQueue

from server.listener.answer import answer
from server.listener.connection import Connection
from server.listener.files import connections_at_most
from server.listener.loop import Loop

# The container's health check asks here; it is answered whatever else waits.
HEALTH = "/health"
HEALTH_THREADS = 2


class Worker(BaseWorker):  # type: ignore[misc]  # gunicorn has no types
    """Run the loop in one thread, and the application in others."""

    alive: bool
    # Called with the reason of a request that is refused before the application sees it.
    on_refused: Callable[[str, datetime], None] = staticmethod(lambda reason, at: None)

    def init_process(self) -> None:
        """Prepare what the signal handlers use, then run."""
        self.calls = PollableMethodQueue()
        self.calls.init()
        super().init_process()

    def handle_exit(self, sig: int, frame: Any) -> None:
        """Begin to stop, on SIGTERM."""
        if self.alive:
            self.alive = False
            self.calls.defer(lambda: None)  # wakes the loop

    def run(self) -> None:
        """Serve until told to stop, then finish what has begun."""
        most = connections_at_most(self.cfg.worker_connections)
        self.loop = Loop(self.cfg, self._submit, self._refused, most)
        self.loop.poller.register(
            self.calls.fileno(), selectors.EVENT_READ, self.calls.run_callbacks
        )
        self.loop.listen(self.sockets)
        self.requests = self._start_threads(self.cfg.threads)
        self.health_requests = self._start_threads(HEALTH_THREADS)
        while self.alive and self.ppid == os.getppid():
            self.notify()
            self.loop.turn()
        self.alive = False
        until = time.monotonic() + self.cfg.graceful_timeout
        self.loop.stop(self.sockets)
        while self.loop.is_busy and time.monotonic() < until:
            self.notify()
            self.loop.turn()

    def _refused(self, reason: str) -> None:
        self.on_refused(reason, datetime.now(UTC))

    def _start_threads(self, count: int) -> "queue.SimpleQueue[Connection]":
        """Start threads that answer; return the queue that they take requests from."""
        requests: queue.SimpleQueue[Connection] = queue.SimpleQueue()
        for _ in range(count):
            threading.Thread(target=self._answer_all, args=(requests,), daemon=True).start()
        return requests

    def _submit(self, connection: Connection) -> None:
        is_health = connection.reader.head.path.rstrip("/") == HEALTH
        (self.health_requests if is_health else self.requests).put(connection)

    def _answer_all(self, requests: "queue.SimpleQueue[Connection]") -> None:
        while True:
            connection = requests.get()
            answer(self.wsgi, connection, self.cfg, self.log, is_last=not self.alive)
            self.calls.defer(self._answered, connection)

    def _answered(self, connection: Connection) -> None:
        self.nr += 1
        if self.nr >= self.max_requests:
            self.alive = False
        self.loop.answered(connection)
