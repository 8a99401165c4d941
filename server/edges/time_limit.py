"""A time limit for calls: the caller goes on without an answer, the call itself goes on without it.

So a request never waits for a connection that takes several round trips, and the connection is
there for the next one.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from queue import SimpleQueue
from typing import Any, TypeVar, cast

from server.errors import StoreUnavailable

Found = TypeVar("Found")
Store = TypeVar("Store")

# How many calls are carried out at once; more would only share the same database.
THREADS = 8


class TimeLimit:
    """Calls on threads of their own, which come up when they are first needed."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._calls: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._idle = threading.Semaphore(0)
        self._count = 0
        self._lock = threading.Lock()

    def call(self, act: Callable[[], Found]) -> Found:
        """Return what *act* returns or raise what it raises; StoreUnavailable if it takes longer.

        What was begun by then is not stopped, and may still happen.
        """
        future: Future[Found] = Future()
        self._calls.put(lambda: _carry_out(future, act))
        self._provide_thread()
        try:
            return future.result(self._seconds)
        except TimeoutError as error:
            future.cancel()  # if no thread has begun it
            raise StoreUnavailable(f"no answer within {self._seconds:g} s") from error

    def wrap(self, store: Store) -> Store:
        """Return *store*, with each of its methods under this limit."""
        return cast(Store, _Limited(store, self))

    def _provide_thread(self) -> None:
        if self._idle.acquire(blocking=False):
            return
        with self._lock:
            if self._count == THREADS:
                return
            self._count += 1
            name = f"limited-{self._count}"
        # Daemons: a call that hangs must not keep the process from ending.
        threading.Thread(target=self._run, name=name, daemon=True).start()

    def _run(self) -> None:
        while True:
            self._calls.get()()
            self._idle.release()


class NoLimit:
    """No limit: a call takes as long as it takes, on the caller's own thread."""

    def call(self, act: Callable[[], Found]) -> Found:
        """Return what *act* returns or raise what it raises."""
        return act()

    def wrap(self, store: Store) -> Store:
        """Return *store* as it is."""
        return store


class _Limited:
    def __init__(self, store: object, limit: TimeLimit) -> None:
        self._store = store
        self._limit = limit

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._store, name)
        return lambda *values, **named: self._limit.call(partial(method, *values, **named))


def _carry_out(future: Future[Found], act: Callable[[], Found]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(act())
    except BaseException as error:  # it belongs to the caller, whatever it is
        future.set_exception(error)
