"""Run processes side by side in simulated time; must not read a real clock or sleep."""

import heapq
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from itertools import count
from math import inf

Process = Generator[float, None, None]
"""A process yields how many simulated seconds it waits before it goes on."""


@dataclass(slots=True)
class Task:
    """Hold a process that was started; *turn* tells its live appointment from cancelled ones."""

    process: Process
    turn: int = 0
    is_done: bool = False


@dataclass(slots=True)
class Loop:
    """Keep the processes and the simulated time."""

    elapsed: float = 0.0
    _agenda: list[tuple[float, int, int, Task]] = field(default_factory=list)
    _order: Iterator[int] = field(default_factory=count)

    def start(self, process: Process, after: float = 0.0) -> Task:
        """Start *process* in *after* seconds."""
        task = Task(process)
        self._appoint(task, after)
        return task

    def wake(self, task: Task, after: float = 0.0) -> None:
        """Let *task* go on in *after* seconds, however long it meant to wait."""
        if not task.is_done:
            task.turn += 1
            self._appoint(task, after)

    def _appoint(self, task: Task, after: float) -> None:
        entry = (self.elapsed + after, next(self._order), task.turn, task)
        heapq.heappush(self._agenda, entry)

    def due_at(self) -> float:
        """Say when the process that is due next goes on; infinity if there is none."""
        while self._agenda:
            at, _, turn, task = self._agenda[0]
            if turn == task.turn and not task.is_done:
                return at
            heapq.heappop(self._agenda)
        return inf

    def step(self) -> bool:
        """Let the process that is due next go on; say whether there was one."""
        if self.due_at() == inf:
            return False
        at, _, _, task = heapq.heappop(self._agenda)
        self.elapsed = max(self.elapsed, at)
        try:
            wait = next(task.process)
        except StopIteration:
            task.is_done = True
        else:
            self._appoint(task, wait)
        return True
