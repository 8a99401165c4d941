"""Threads that carry out what one thread hands them, so that it never waits for the world."""

import queue
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Task = TypeVar("Task")
Outcome = TypeVar("Outcome")


class Threads(Generic[Task, Outcome]):
    """So many threads of one trade; *act* must not raise."""

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
