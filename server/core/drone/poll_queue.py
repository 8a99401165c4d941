"""Which question is due next.

A question stays until it is dropped: taken, it is due again after its pause, and each pause is
twice the one before, up to the longest. An answer that never comes can therefore lose nothing.

Urgent and patient questions take turns, each kind in the order in which they fell due: neither can
starve the other. Cost grows with what is asked, never with what is done.
"""

import heapq
from dataclasses import dataclass

from server.core.drone.query import DroneQuery

_Line = list[tuple[float, int, DroneQuery]]


@dataclass(frozen=True, slots=True)
class PollEntry:
    """When a question is due, and how long it rests after it was asked."""

    due_at: float  # monotonic seconds
    pause: float
    is_urgent: bool
    serial: int  # what stands in a line under another one is stale


class PollQueue:
    """Every question that waits; it takes every instant from outside."""

    def __init__(self, longest: float) -> None:
        self._longest = longest
        self._entries: dict[DroneQuery, PollEntry] = {}
        self._lines: dict[bool, _Line] = {True: [], False: []}  # by urgency
        self._serial = 0
        self._turn = True

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, question: DroneQuery) -> bool:
        return question in self._entries

    def put(
        self, question: DroneQuery, due_at: float, pause: float, is_urgent: bool = False
    ) -> None:
        """Ask *question* at an instant, for the first time after news."""
        self._serial += 1
        self._entries[question] = PollEntry(due_at, pause, is_urgent, self._serial)
        heapq.heappush(self._lines[is_urgent], (due_at, self._serial, question))

    def drop(self, question: DroneQuery) -> None:
        """Ask it no more."""
        self._entries.pop(question, None)

    def pause_of(self, question: DroneQuery) -> float:
        """Return how long it will rest when it is asked next; 0 if it is asked no more."""
        entry = self._entries.get(question)
        return entry.pause if entry else 0.0

    def take(self, now: float) -> DroneQuery | None:
        """Return what is due, and put it off by its pause; None if nothing is."""
        for is_urgent in (self._turn, not self._turn):
            question = self._first(self._lines[is_urgent], now)
            if question is not None:
                self._turn = not is_urgent
                pause = self._entries[question].pause
                self.put(question, now + pause, min(pause * 2, self._longest))
                return question
        return None

    def _first(self, line: _Line, now: float) -> DroneQuery | None:
        while line and line[0][0] <= now:
            _, serial, question = heapq.heappop(line)
            entry = self._entries.get(question)
            if entry is not None and entry.serial == serial:
                return question
        return None
