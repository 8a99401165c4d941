"""Remember what was asked and how it was answered, within bounds."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field

INVALID_WINDOW_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Entry:
    """Hold one request and its answer."""

    number: int
    at: float
    method: str
    route: str
    path: str
    status: int  # 0 when the connection was reset instead
    milliseconds: float
    body: str = ""
    answer: str = ""  # the answer's body, kept when it is an error
    bucket: str = ""
    limit: int | None = None
    remaining: int | None = None
    reset_after: float | None = None
    retry_after: float | None = None
    scope: str = ""  # of a 429
    fault: str = ""  # what was made to go wrong, such as `reset after`
    refused: str = ""  # why, in words; empty when accepted
    message_id: str = ""

    def to_json(self) -> dict[str, object]:
        """Show the entry at the control endpoint and on the page."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(slots=True)
class Journal:
    """Keep the newest requests, the newest refusals, and counts of everything."""

    keep: int = 10_000
    entries: deque[Entry] = field(default_factory=deque)
    refusals: deque[Entry] = field(default_factory=lambda: deque(maxlen=1000))
    total: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    routes: Counter[str] = field(default_factory=Counter)
    too_many: Counter[str] = field(default_factory=Counter)  # 429s by scope
    injected_too_many: int = 0  # those of them that a fault ordered
    invalid_total: int = 0
    invalid_at: deque[float] = field(default_factory=lambda: deque(maxlen=20_000))

    def next_number(self) -> int:
        """Count a request."""
        self.total += 1
        return self.total

    def add(self, entry: Entry, *, is_payload_refused: bool) -> None:
        """Remember one answered request."""
        self.entries.append(entry)
        while len(self.entries) > self.keep:
            self.entries.popleft()
        if is_payload_refused:
            self.refusals.append(entry)
        self.statuses[entry.status] += 1
        self.routes[f"{entry.method} {entry.route}"] += 1
        if entry.status == 429:
            self.too_many[entry.scope] += 1
            self.injected_too_many += bool(entry.fault)
        if entry.status in (401, 403) or (entry.status == 429 and entry.scope != "shared"):
            self.invalid_total += 1
            self.invalid_at.append(entry.at)

    def counts(self, now: float) -> dict[str, object]:
        """Sum up: by status, by route, 429s by scope, and what counts toward a ban."""
        recent = sum(1 for at in self.invalid_at if now - at < INVALID_WINDOW_SECONDS)
        return {
            "requests": self.total,
            "statuses": {str(status): count for status, count in self.statuses.items()},
            "routes": dict(self.routes),
            "too_many_requests": dict(self.too_many),
            "injected_too_many_requests": self.injected_too_many,
            "invalid_requests": self.invalid_total,
            "invalid_requests_in_ten_minutes": recent,
            "refused_payloads": len(self.refusals),
        }
