"""The webhook counter: webhooks accepted and refused, for /health of all processes."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Lock

from server.core.drone.payload import Verdict
from server.core.drone.webhook_counts import (
    WebhookCount,
    WebhookCounts,
    WebhookOutcome,
    joined,
    moved,
    refusal,
)
from server.errors import Refused, StoreUnavailable
from server.services.ports import Store

# How late another process knows what was refused here, and how rarely the store is written to.
EVERY = timedelta(seconds=3)


class WebhookCounter:
    """The webhooks that this process has counted and not yet saved to the store."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._fresh: WebhookCounts = {}
        self._saved_at = datetime.min.replace(tzinfo=UTC)

    @property
    def fresh(self) -> WebhookCounts:
        """Return what is not yet saved."""
        return self._fresh

    def accepted(self, verdict: Verdict, now: datetime) -> None:
        """Count an authentic webhook; what is never shown may be our own, and proves nothing."""
        if verdict is Verdict.SHOWN:
            self._add({WebhookOutcome.ACCEPTED: WebhookCount(now)})

    def refused(self, reason: str, date: str, now: datetime) -> None:
        """Count a refused webhook with the header *date*."""
        self._add(dict([refusal(reason, date, now)]))

    @contextmanager
    def watching(self, date: str, now: datetime) -> Iterator[None]:
        """Count what is refused within the block."""
        try:
            yield
        except Refused as error:
            self.refused(error.reason, date, now)
            raise

    def save(self, store: Store, now: datetime) -> None:
        """Add what is new to the store, on the store's clock; not more often than `EVERY`.

        Raise StoreUnavailable, and keep it for the next time.
        """
        with self._lock:
            # A clock that was put back must not silence it.
            if not self._fresh or abs(now - self._saved_at) < EVERY:
                return
            news, self._fresh, self._saved_at = self._fresh, {}, now
        try:
            store.webhooks.add(moved(news, store.clock() - now))
        except StoreUnavailable:
            self._add(news)
            raise

    def _add(self, news: WebhookCounts) -> None:
        with self._lock:
            self._fresh = joined(self._fresh, news)
