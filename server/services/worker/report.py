"""Worker report: the state of the worker for /health, stored with its lease."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from server.core.backoff import REPORTED_AFTER_SECONDS
from server.core.cards.card import Card
from server.core.cards.send_queue import SendQueue
from server.core.discord.rate_limits import OUTAGE, RateLimits
from server.core.model.status import Status

# Drone's reaper kills what runs longer (harness/drone cmd/drone-server/config/config.go:104-107);
# a build that still says so after that has lost its ending.
LONGEST_RUN = timedelta(hours=25)
RUNNING = frozenset({Status.RUNNING.value, Status.PENDING.value})


@dataclass(frozen=True, slots=True)
class WorkerReport:
    """The state of the worker in plain values."""

    waiting: int = 0  # cards
    running: int = 0  # builds
    failed: int = 0  # deliveries that could not be merged
    dropped: int = 0  # cards
    stopped: str = ""  # why nothing is sent
    failing_seconds: int = 0  # how long Discord has not answered
    paused_channels: int = 0
    drone: str = ""  # "ok" or what is wrong with Drone's API; "" is not asked
    drone_seconds: int = 0  # how long

    def document(self) -> dict[str, Any]:
        """Return what is stored: nothing of Drone where it is not asked."""
        unasked = () if self.drone else ("drone", "drone_seconds")
        return {name: value for name, value in asdict(self).items() if name not in unasked}


def read_report(document: Mapping[str, Any]) -> WorkerReport:
    """Return the report that a worker stored, perhaps one of another version."""
    known = {field.name for field in fields(WorkerReport)}
    return WorkerReport(**{name: value for name, value in document.items() if name in known})


class Running:
    """The builds that run or queue now, kept beside the store so that it need not count them."""

    def __init__(self, cards: Iterable[Card] = ()) -> None:
        self._since: dict[str, datetime] = {}
        for card in cards:
            self.put(card)

    def put(self, card: Card) -> None:
        """Note what a card says now."""
        if card.content.status_word in RUNNING:
            self._since[card.id] = card.created_at
        else:
            self._since.pop(card.id, None)

    def count(self, now: datetime) -> int:
        """Count them, without those whose ending must have been lost."""
        return sum(now - since < LONGEST_RUN for since in self._since.values())


def report(
    rate_limits: RateLimits,
    queue: SendQueue,
    default_channel_id: str,
    running: Running,
    now: datetime,
    tick: float,
) -> WorkerReport:
    """Return how sending goes, and how much there is to send."""
    since = rate_limits.failing_since
    failing_seconds = int(tick - since) if since is not None else 0
    stopped = rate_limits.stopped(tick)
    waiting = set(queue.channels())
    return WorkerReport(
        waiting=len(queue),
        running=running.count(now),
        stopped=stopped if stopped != OUTAGE else "",
        failing_seconds=failing_seconds if failing_seconds >= REPORTED_AFTER_SECONDS else 0,
        paused_channels=rate_limits.refusals.channels(waiting, default_channel_id),
    )
