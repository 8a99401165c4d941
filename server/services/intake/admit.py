"""Take deliveries from the spool into the inbox; what two servers decided apart is settled here."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from server.core.delivery import Delivery
from server.core.messages.envelope import claim_of
from server.core.messages.idempotency import Claim
from server.services.ports import Inbox

log = logging.getLogger(__name__)

# Why a message that was answered 202 without MongoDB is not shown after all.
KEY_TAKEN = "idempotency_key_taken"


class Quarantine(Protocol):
    """Where deliveries that are not to be merged are kept."""

    def put_aside(self, delivery: Delivery, reason: str, now: datetime) -> None:
        """Keep a delivery that is not to be merged, with the reason."""


class Admission:
    """The inbox for what was spooled: a key counts once, over all servers."""

    def __init__(self, inbox: Inbox, shelf: Quarantine, clock: Callable[[], datetime]) -> None:
        self._inbox = inbox
        self._shelf = shelf
        self._clock = clock

    def add(self, delivery: Delivery) -> bool:
        """Keep a delivery durably; False if it was kept before. Raise StoreUnavailable."""
        claim = _claim_of(delivery)
        if claim is None or (standing := self._inbox.claim(claim)).delivery_id == delivery.id:
            return self._inbox.add(delivery)
        log.warning(
            "An Idempotency-Key was taken on two servers; the later message is not shown.",
            extra={"delivery": delivery.id, "standing": standing.message_id},
        )
        self._shelf.put_aside(delivery, KEY_TAKEN, self._clock())
        return False

    def add_all(self, deliveries: Sequence[Delivery]) -> None:
        """Keep deliveries durably, each once. Raise StoreUnavailable."""
        self._inbox.add_all([one for one in deliveries if _claim_of(one) is None])
        for delivery in deliveries:
            if _claim_of(delivery) is not None:
                self.add(delivery)


def _claim_of(delivery: Delivery) -> Claim | None:
    try:
        return claim_of(delivery)
    except (ValueError, KeyError, TypeError):
        return None  # the worker will say what is wrong with it
