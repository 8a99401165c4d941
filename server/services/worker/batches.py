"""What of the inbox is merged together, and what alone, so that nothing can stop what is behind it.

A worker that dies of a delivery would meet it again at every start. So a large delivery is merged
alone, and after a worker that died so is everything that it may have been at. Alone, a delivery is
counted before it is begun; what several workers began and none finished is put aside.
"""

import logging
from collections.abc import Iterator

from server.core.delivery import Delivery, Failure
from server.services.ports import Inbox

log = logging.getLogger(__name__)

BATCH = 1000
# What a dead worker may have been at: a batch, and the one before it that was being settled.
SUSPECTS = 2 * BATCH
# Of such bodies one is enough to hold in memory at a time.
LARGE_BYTES = 1024 * 1024
# How many workers may begin a delivery.
BEGINNINGS = 3
NEVER_FINISHED = "never_finished"


class Batches:
    """The inbox as it is worked off; every method may raise StoreUnavailable."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._pending: Iterator[list[Delivery]] | None = None
        self._alone: list[Delivery] = []
        self._begun: set[str] = set()  # here, so that another try of ours does not count
        self._suspects = 0

    @property
    def is_read(self) -> bool:
        """Tell whether the next batch comes from what was read before."""
        return self._pending is not None

    def suspect(self) -> None:
        """Merge one by one what a worker that died may have been at."""
        self._suspects = SUSPECTS

    def restart(self) -> None:
        """Read the inbox afresh."""
        self._pending, self._alone = None, []

    def next(self) -> list[Delivery]:
        """Return what is to be merged next, oldest first; nothing if nothing waits."""
        if self._pending is None:
            self._pending = self._inbox.pending(BATCH)
        while not self._alone:
            batch = next(self._pending, None)
            if batch is None:
                self._pending, self._suspects, self._begun = None, 0, set()
                return []
            heaviest = LARGE_BYTES if self._suspects <= 0 else -1
            self._suspects -= len(batch)
            self._alone = [one for one in batch if len(one.body) > heaviest]
            if together := [one for one in batch if len(one.body) <= heaviest]:
                return together
        return [self._begin(self._alone.pop(0))]

    def _begin(self, delivery: Delivery) -> Delivery:
        if delivery.begun < BEGINNINGS and delivery.id not in self._begun:
            self._inbox.begin(delivery.id)
            self._begun.add(delivery.id)
        return delivery


def never_finished(deliveries: list[Delivery]) -> list[Failure]:
    """Return a failure for each delivery that was begun too often."""
    found = [delivery for delivery in deliveries if delivery.begun >= BEGINNINGS]
    for delivery in found:
        log.error(
            "A delivery was begun several times and never finished; it is put aside.",
            extra={"delivery": delivery.id[:12], "event": delivery.event},
        )
    return [Failure(delivery.id, NEVER_FINISHED, "") for delivery in found]
