"""Take one webhook in: prove it, keep it, and nothing else."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Protocol, TypeVar

from runtime.secret import Secret
from server.core.delivery import Delivery
from server.core.drone.payload import Verdict, decode, recognise
from server.core.drone.signature import verify_body, verify_headers
from server.core.messages.idempotency import Claim
from server.errors import StoreUnavailable
from server.services.ports import Inbox

Found = TypeVar("Found")

log = logging.getLogger(__name__)

# After a failure the store is left alone this long. Then one request tries it and the others do not
# wait for that, so that a dead MongoDB costs one request in a while its timeout and not every one.
REST_SECONDS = 2.0


class FallbackInbox(Protocol):
    """Where a delivery can be kept while the inbox cannot be reached."""

    def add(self, delivery: Delivery) -> bool:
        """Keep a delivery durably; False if it was kept before."""

    def claim(self, claim: Claim) -> Claim:
        """Claim a key durably; return the claim that stands, another's perhaps."""


@dataclass(frozen=True, slots=True)
class SignaturePolicy:
    """What a webhook is measured by."""

    secrets: tuple[Secret, ...]
    max_age: timedelta


@dataclass(frozen=True, slots=True)
class SignedHeaders:
    """The headers that a webhook is proved by; "" is absent."""

    date: str
    digest: str
    signature: str


class DurableInbox:
    """Keep deliveries in the inbox, and in the spool while the inbox cannot be reached."""

    def __init__(self, inbox: Inbox, spool: FallbackInbox, tick: Callable[[], float]) -> None:
        self._inbox = inbox
        self._spool = spool
        self._tick = tick
        self._lock = Lock()
        self._rest_until = 0.0  # above 0 from a failure on, until the inbox was reached again

    def keep(self, delivery: Delivery) -> None:
        """Keep *delivery* durably; raise StoreUnavailable only when nothing can keep it."""
        place, is_new = self._somewhere(lambda place: place.add(delivery))
        self._note(delivery, place, is_new)

    def keep_claimed(self, delivery: Delivery, claim: Claim) -> Claim:
        """Keep *delivery* unless its key is taken; return the claim that stands.

        What is kept is the message of the standing claim, so that a claim whose message was lost
        in a crash gets it from the next try. Raise StoreUnavailable as `keep` does.
        """
        place, (standing, is_new) = self._somewhere(lambda place: _add(place, delivery, claim))
        if standing.digest == claim.digest:
            self._note(delivery, place, is_new)
        return standing

    def glance(self, look: Callable[[], Found], default: Found) -> Found:
        """Return what *look* finds in the database, or *default* while it is away."""
        if self._tick() >= self._rest_until:
            try:
                return look()
            except StoreUnavailable as error:
                self._rest(error)
        return default

    def _somewhere(self, act: Callable[[FallbackInbox], Found]) -> tuple[str, Found]:
        if self._may_try():
            try:
                found = act(self._inbox)
            except StoreUnavailable as error:
                self._rest(error)
            else:
                self._rest_until = 0.0
                return "inbox", found
        return "spool", act(self._spool)

    def _may_try(self) -> bool:
        with self._lock:
            if self._tick() < self._rest_until:
                return False
            if self._rest_until:
                self._rest_until = self._tick() + REST_SECONDS
            return True

    def _rest(self, error: StoreUnavailable) -> None:
        with self._lock:
            self._rest_until = self._tick() + REST_SECONDS
        log.warning("MongoDB is away, deliveries go to the spool.", extra={"error": str(error)})

    @staticmethod
    def _note(delivery: Delivery, place: str, is_new: bool) -> None:
        variables = {"delivery": delivery.id[:12], "event": delivery.event, "place": place}
        log.info("Delivery kept." if is_new else "Delivery was here before.", extra=variables)


def _add(place: FallbackInbox, delivery: Delivery, claim: Claim) -> tuple[Claim, bool]:
    standing = place.claim(claim)
    if standing.digest != claim.digest:
        return standing, False
    # Another id would be a message from before midnight: it is kept already.
    return standing, standing.delivery_id == delivery.id and place.add(delivery)


def receive(
    read: Callable[[], bytes],
    signed: SignedHeaders,
    rules: SignaturePolicy,
    keeper: DurableInbox,
    now: datetime,
) -> Verdict:
    """Verify a webhook and keep it if it is to be shown; return what became of it.

    *read* gives the body, and is not called before the headers are proved. Raise NotAuthentic,
    Malformed, or StoreUnavailable when it can be kept nowhere.
    """
    fingerprint = verify_headers(
        signed.date,
        signed.digest,
        signed.signature,
        [secret.reveal().encode() for secret in rules.secrets],
        now,
        rules.max_age,
    )
    body = read()
    verify_body(body, signed.digest)
    event, verdict = recognise(decode(body))
    if verdict is Verdict.SHOWN:
        keeper.keep(Delivery(fingerprint, event, body, now))
    elif verdict is Verdict.IGNORED:
        log.info("Event ignored.", extra={"event": event})
    else:
        log.warning("Unknown event: is this bridge older than its Drone?", extra={"event": event})
    return verdict
