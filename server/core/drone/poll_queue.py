"""The queue of queries to Drone: which one is due next.

A query stays in the queue until it is dropped: taken, it is due again after its pause, and each
pause is twice the one before, up to the longest. A response that never comes can lose nothing.

Urgent and patient queries take turns, each kind in the order in which they fell due: neither can
starve the other. Cost grows with what is polled, never with what is done.
"""

import heapq
from dataclasses import dataclass

from server.core.drone.query import DroneQuery

_Line = list[tuple[float, int, DroneQuery]]


@dataclass(frozen=True, slots=True)
class PollEntry:
    """When a query is due, and how long it rests after that."""

    due_at: float  # monotonic seconds
    pause: float
    is_urgent: bool
    serial: int  # what stands in a line under another one is stale


class PollQueue:
    """Every query that waits; it takes every instant from outside."""

    def __init__(self, longest: float) -> None:
        self._longest = longest
        self._entries: dict[DroneQuery, PollEntry] = {}
        self._lines: dict[bool, _Line] = {True: [], False: []}  # by urgency
        self._serial = 0
        self._is_urgent_next = True

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, query: DroneQuery) -> bool:
        return query in self._entries

    def put(self, query: DroneQuery, due_at: float, pause: float, is_urgent: bool = False) -> None:
        """Let *query* be due at an instant, for the first time after news."""
        self._serial += 1
        self._entries[query] = PollEntry(due_at, pause, is_urgent, self._serial)
        heapq.heappush(self._lines[is_urgent], (due_at, self._serial, query))

    def drop(self, query: DroneQuery) -> None:
        """Take a query out of the queue."""
        self._entries.pop(query, None)

    def pause_of(self, query: DroneQuery) -> float:
        """Return how long a query will rest when it is taken next; 0 if it does not wait."""
        entry = self._entries.get(query)
        return entry.pause if entry else 0.0

    def take(self, now: float) -> DroneQuery | None:
        """Return what is due, and put it off by its pause; None if nothing is."""
        for is_urgent in (self._is_urgent_next, not self._is_urgent_next):
            query = self._first(self._lines[is_urgent], now)
            if query is not None:
                self._is_urgent_next = not is_urgent
                pause = self._entries[query].pause
                self.put(query, now + pause, min(pause * 2, self._longest))
                return query
        return None

    def _first(self, line: _Line, now: float) -> DroneQuery | None:
        while line and line[0][0] <= now:
            _, serial, query = heapq.heappop(line)
            entry = self._entries.get(query)
            if entry is not None and entry.serial == serial:
                return query
        return None
