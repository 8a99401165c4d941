"""What the worker tells of itself, for /health; it rides on the lease."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from server.core.backoff import REPORTED_AFTER_SECONDS
from server.core.cards.card import Card
from server.core.cards.send_queue import SendQueue
from server.core.discord.rate_limits import OUTAGE, RateLimits
from server.core.model.build import BuildState, effective_status
from server.core.model.status import Status

# Drone's reaper kills what runs longer (harness/drone cmd/drone-server/config/config.go:104-107);
# a build that still says so after that has lost its ending.
LONGEST_RUN = timedelta(hours=25)


class Running:
    """The builds that run or queue now, kept on the side so that nobody has to count them."""

    def __init__(self, cards: Iterable[Card] = ()) -> None:
        self._since: dict[str, datetime] = {}
        for card in cards:
            self.put(card)

    def put(self, card: Card) -> None:
        """Note what a card says now."""
        content = card.content
        if isinstance(content, BuildState) and effective_status(content) in (
            Status.RUNNING,
            Status.PENDING,
        ):
            self._since[card.id] = card.created_at
        else:
            self._since.pop(card.id, None)

    def count(self, now: datetime) -> int:
        """Count them, without those that have surely ended unheard."""
        return sum(now - since < LONGEST_RUN for since in self._since.values())


def report(
    traffic: RateLimits, agenda: SendQueue, home: str, running: Running, now: datetime, tick: float
) -> dict[str, Any]:
    """Return the state of the worker in plain values."""
    since = traffic.failing_since
    failing_seconds = int(tick - since) if since is not None else 0
    return {
        "waiting": len(agenda),
        "running": running.count(now),
        "stopped": stopped if (stopped := traffic.stopped(tick)) != OUTAGE else "",
        "failing_seconds": failing_seconds if failing_seconds >= REPORTED_AFTER_SECONDS else 0,
        "paused_channels": traffic.refusals.channels(set(agenda.channels()), home),
    }
