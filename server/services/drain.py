"""Bring the spool's deliveries into the inbox once MongoDB is back."""

import logging
from typing import Protocol

from server.core.delivery import Delivery

log = logging.getLogger(__name__)

AT_ONCE = 20  # bodies of up to 8 MiB each


class Backlog(Protocol):
    """The spool, as far as draining needs it."""

    def oldest(self, count: int) -> list[Delivery]:
        """Read at most *count* deliveries in the order of arrival."""

    def remove(self, ids: list[str]) -> None:
        """Forget deliveries that are safe elsewhere."""


class Taker(Protocol):
    """The inbox, as far as draining needs it."""

    def add(self, delivery: Delivery) -> bool:
        """Keep a delivery durably; False if it was kept before."""


def drain(spool: Backlog, inbox: Taker) -> int:
    """Move all that is in the spool, oldest first; return how many deliveries it was.

    They are removed only after the inbox has them, and the inbox keeps each once: whenever this
    stops, or runs twice at once, nothing is lost and nothing doubled. Raise StoreUnavailable.
    """
    moved = 0
    while waiting := spool.oldest(AT_ONCE):
        for delivery in waiting:
            inbox.add(delivery)
        spool.remove([delivery.id for delivery in waiting])
        moved += len(waiting)
    if moved:
        log.info("The spool is drained.", extra={"deliveries": moved})
    return moved
