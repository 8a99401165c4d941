"""Threads beside the one that decides: a pool for its tasks, and jobs that are repeated."""

import logging
import queue
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from server.errors import StoreUnavailable

log = logging.getLogger(__name__)

Task = TypeVar("Task")
Outcome = TypeVar("Outcome")


class Threads(Generic[Task, Outcome]):
    """A pool of threads that carry out one kind of task; *act* must not raise."""

    def __init__(self, name: str, size: int, act: Callable[[Task], Outcome]) -> None:
        self._act = act
        self._tasks: queue.SimpleQueue[Task] = queue.SimpleQueue()
        self._outcomes: queue.SimpleQueue[Outcome] = queue.SimpleQueue()
        for number in range(size):
            # Daemons: a request that hangs must not keep the process from ending.
            threading.Thread(target=self._run, name=f"{name}-{number}", daemon=True).start()

    def submit(self, task: Task) -> None:
        """Carry out a task as soon as a thread is free."""
        self._tasks.put(task)

    def collect(self, seconds: float = 0.0) -> list[Outcome]:
        """Return what came back, after at most *seconds* of waiting for the first."""
        found: list[Outcome] = []
        try:
            first = self._outcomes.get(timeout=seconds) if seconds else self._outcomes.get_nowait()
            found.append(first)
            while True:
                found.append(self._outcomes.get_nowait())
        except queue.Empty:
            return found

    def _run(self) -> None:
        while True:
            self._outcomes.put(self._act(self._tasks.get()))


def start_repeating(work: Callable[[], object], seconds: float, waiting: str) -> None:
    """Start a thread that does *work* every *seconds* for as long as the process lives.

    While the store is unavailable the sentence *waiting* is logged once.
    """
    # A daemon, as above.
    threading.Thread(target=_repeat, args=(work, seconds, waiting), daemon=True).start()


def _repeat(work: Callable[[], object], seconds: float, waiting: str) -> None:
    waits = False
    while True:
        try:
            work()
            waits = False
        except StoreUnavailable as error:
            if not waits:  # once, until it goes on
                log.warning(waiting, extra={"error": str(error)})
            waits = True
        except Exception:  # the thread must outlive whatever happens
            log.exception("A thread of the server has failed.")
        time.sleep(seconds)
