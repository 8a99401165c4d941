"""Admission: take spooled deliveries into the inbox, and count each Idempotency-Key once.

Two servers that keep messages in their spools do not see each other's keys.
"""

import logging
from collections.abc import Sequence

from server.core.delivery import Delivery
from server.core.messages.envelope import claim_of
from server.core.messages.idempotency import Claim
from server.services.ports import Claims, Clock, DrainTarget, Quarantine

log = logging.getLogger(__name__)

# Why a message that was answered 202 without MongoDB is not shown after all.
KEY_TAKEN = "idempotency_key_taken"


class Admission:
    """The inbox for what was spooled: a key counts once, over all servers."""

    def __init__(
        self, inbox: DrainTarget, claims: Claims, quarantine: Quarantine, clock: Clock
    ) -> None:
        self._inbox = inbox
        self._claims = claims
        self._quarantine = quarantine
        self._clock = clock

    def add(self, delivery: Delivery) -> bool:
        """Keep a delivery durably; False if it was kept before. Raise StoreUnavailable."""
        claim = _claim_of(delivery)
        if claim is None or (standing := self._claims.claim(claim)).delivery_id == delivery.id:
            return self._inbox.add(delivery)
        log.warning(
            "An Idempotency-Key was taken on two servers; the later message is not shown.",
            extra={"delivery": delivery.id, "standing": standing.message_id},
        )
        self._quarantine.put_aside(delivery, KEY_TAKEN, self._clock())
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
