"""Remember what was asked and how it was answered, within bounds; never a token."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field

KEEP = 20_000


@dataclass(frozen=True, slots=True)
class Entry:
    """Hold one request and its answer."""

    number: int
    at: float  # Unix seconds
    method: str
    route: str  # its template, or (unknown)
    path: str
    query: str  # without the token
    account: str  # whose token it was; "" is a guest
    is_authorized: bool  # nobody was refused for who they are
    status: int  # 0 when there was no answer
    message: str  # of an error
    fault: str  # what was made to go wrong
    agent: str

    def to_json(self) -> dict[str, object]:
        """Show the entry at the control endpoint."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(slots=True)
class Journal:
    """Keep the newest requests, and counts of all."""

    entries: deque[Entry] = field(default_factory=lambda: deque(maxlen=KEEP))
    total: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    routes: Counter[str] = field(default_factory=Counter)

    def next_number(self) -> int:
        """Count a request."""
        self.total += 1
        return self.total

    def add(self, entry: Entry) -> None:
        """Remember one request that is over."""
        self.entries.append(entry)
        self.statuses[entry.status] += 1
        self.routes[f"{entry.method} {entry.route}"] += 1

    def most_in_a_second(self) -> int:
        """Count the requests of the busiest second, wherever it begins."""
        starts = sorted(entry.at for entry in self.entries)
        first = most = 0
        for last, at in enumerate(starts):
            while at - starts[first] >= 1.0:
                first += 1
            most = max(most, last - first + 1)
        return most

    def counts(self) -> dict[str, object]:
        """Sum up: by status, by route, and the highest rate."""
        return {
            "requests": self.total,
            "statuses": {str(status): count for status, count in self.statuses.items()},
            "routes": dict(self.routes),
            "most_in_a_second": self.most_in_a_second(),
        }
