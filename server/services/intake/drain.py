"""The drain: bring the spool's deliveries into the inbox once MongoDB is back."""

import logging
from collections.abc import Sequence

from server.core.delivery import Delivery
from server.errors import StoreUnavailable
from server.services.ports import DrainTarget, Spool

log = logging.getLogger(__name__)

AT_ONCE = 100
# After this many failures in a row the inbox itself counts as away.
FAILURES = 3


class Drain:
    """Move all that is in the spool, oldest first.

    Deliveries are removed only after the inbox has them, and the inbox keeps each once: whenever
    this stops, or runs twice at once, nothing is lost and nothing doubled.
    """

    def __init__(self, spool: Spool, inbox: DrainTarget) -> None:
        self._spool = spool
        self._inbox = inbox
        self._safe: dict[str, None] = {}  # in the inbox and not removed from the spool yet
        self.problem = ""  # why they cannot be removed

    def run(self) -> int:
        """Move what can be moved; return how many deliveries left the spool.

        Raise StoreUnavailable if the spool cannot be read or the inbox does not take it all.
        """
        removed = 0
        last: Delivery | None = None
        while batch := self._spool.oldest(AT_ONCE, last):
            last = batch[-1]
            try:
                self._take([one for one in batch if one.id not in self._safe])
            finally:
                removed += self._remove()
        if removed:
            log.info("The spool is drained.", extra={"deliveries": removed})
        return removed

    def _take(self, deliveries: Sequence[Delivery]) -> None:
        """Keep all at once, or if that fails one by one: the rest must not wait for one of them."""
        try:
            self._inbox.add_all(deliveries)
        except StoreUnavailable:
            self._take_each(deliveries)
        else:
            self._safe |= dict.fromkeys(one.id for one in deliveries)

    def _take_each(self, deliveries: Sequence[Delivery]) -> None:
        failures = 0
        for delivery in deliveries:
            try:
                self._inbox.add(delivery)
            except StoreUnavailable:
                failures += 1
                if failures == min(FAILURES, len(deliveries)):
                    raise
            else:
                failures = 0
                self._safe[delivery.id] = None

    def _remove(self) -> int:
        """Remove from the spool what the inbox has; a disk that refuses is logged once."""
        if not self._safe:
            return 0
        try:
            self._spool.remove(list(self._safe))
        except StoreUnavailable as error:
            if not self.problem:
                variables = {"deliveries": len(self._safe), "error": str(error)}
                log.error("The spool cannot be emptied; look at its disk.", extra=variables)
            self.problem = str(error)
            return 0
        count = len(self._safe)
        self._safe, self.problem = {}, ""
        return count
