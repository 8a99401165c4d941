"""Put what Drone's API says of a build into the inbox, where the way of a webhook begins."""

import logging

from server.core.delivery import Delivery
from server.services.ports import Inbox

log = logging.getLogger(__name__)

# A synthetic delivery has to fit the store, as a webhook has to: the server takes no larger one.
MAX_BYTES = 8 * 1024 * 1024


def add_report(delivery: Delivery, card_id: str, inbox: Inbox) -> None:
    """Add a synthetic *delivery* about the build of a card; may raise StoreUnavailable."""
    if len(delivery.body) > MAX_BYTES:
        log.warning("Drone's answer is too large to keep.", extra={"card": card_id})
    elif inbox.add(delivery):
        variables = {"card": card_id, "delivery": delivery.id[:12]}
        log.info("Drone was asked and had news.", extra=variables)
