"""Receive one webhook: verify it, store it durably, and nothing else."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import TypeVar

from runtime.secret import Secret
from server.core.delivery import Delivery
from server.core.drone.payload import Verdict, decode, recognise
from server.core.drone.signature import verify_body, verify_headers
from server.core.messages.idempotency import Claim
from server.errors import StoreUnavailable
from server.services.ports import Claims, FallbackInbox, Inbox

Found = TypeVar("Found")

log = logging.getLogger(__name__)

# After a failure the store is left alone this long. Then one request tries it and the others do not
# wait for that: a dead MongoDB costs the timeout of one request in a while, not of each.
REST_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class SignaturePolicy:
    """The secrets and the age that a signed webhook is verified with."""

    secrets: tuple[Secret, ...]
    max_age: timedelta


@dataclass(frozen=True, slots=True)
class SignedHeaders:
    """The headers that a webhook is verified by; "" is absent."""

    date: str
    digest: str
    signature: str


class DurableInbox:
    """The inbox, with the spool in its place while the database cannot be reached."""

    def __init__(
        self, inbox: Inbox, claims: Claims, spool: FallbackInbox, tick: Callable[[], float]
    ) -> None:
        self._inbox = inbox
        self._claims = claims
        self._spool = spool
        self._tick = tick
        self._lock = Lock()
        self._rest_until = 0.0  # above 0 from a failure on, until the database was reached again

    def keep(self, delivery: Delivery) -> None:
        """Store *delivery* durably; raise StoreUnavailable only when nothing can store it."""
        place, is_new = self._fall_back(
            lambda: self._inbox.add(delivery), lambda: self._spool.add(delivery)
        )
        _log_kept(delivery, place, is_new)

    def keep_claimed(self, delivery: Delivery, claim: Claim) -> Claim:
        """Store *delivery* unless its key is taken; return the claim that stands.

        What is stored is the message of the standing claim, so that a claim whose message was lost
        in a crash gets it from the next try. Raise StoreUnavailable as `keep` does.
        """
        place, (standing, is_new) = self._fall_back(
            lambda: _add_claimed(self._inbox.add, self._claims, delivery, claim),
            lambda: _add_claimed(self._spool.add, self._spool, delivery, claim),
        )
        if standing.digest == claim.digest:
            _log_kept(delivery, place, is_new)
        return standing

    def read(self, find: Callable[[], Found], default: Found) -> Found:
        """Return what *find* reads in the database, or *default* while it is away."""
        if self._tick() >= self._rest_until:
            try:
                return find()
            except StoreUnavailable as error:
                self._rest(error)
        return default

    def _fall_back(
        self, in_database: Callable[[], Found], in_spool: Callable[[], Found]
    ) -> tuple[str, Found]:
        if self._may_try():
            try:
                found = in_database()
            except StoreUnavailable as error:
                self._rest(error)
            else:
                self._rest_until = 0.0
                return "inbox", found
        return "spool", in_spool()

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


def _add_claimed(
    add: Callable[[Delivery], bool], claims: Claims, delivery: Delivery, claim: Claim
) -> tuple[Claim, bool]:
    standing = claims.claim(claim)
    if standing.digest != claim.digest:
        return standing, False
    # Another id would be a message from before midnight: it is stored already.
    return standing, standing.delivery_id == delivery.id and add(delivery)


def _log_kept(delivery: Delivery, place: str, is_new: bool) -> None:
    variables = {"delivery": delivery.id[:12], "event": delivery.event, "place": place}
    log.info("Delivery kept." if is_new else "Delivery was here before.", extra=variables)


def receive(
    read: Callable[[], bytes],
    signed: SignedHeaders,
    policy: SignaturePolicy,
    inbox: DurableInbox,
    now: datetime,
) -> Verdict:
    """Verify a webhook and store it if it is to be shown; return the verdict.

    *read* gives the body, and is not called before the headers are verified. Raise NotAuthentic,
    Malformed, or StoreUnavailable when nothing can store it.
    """
    fingerprint = verify_headers(
        signed.date,
        signed.digest,
        signed.signature,
        [secret.reveal().encode() for secret in policy.secrets],
        now,
        policy.max_age,
    )
    body = read()
    verify_body(body, signed.digest)
    event, verdict = recognise(decode(body))
    if verdict is Verdict.SHOWN:
        inbox.keep(Delivery(fingerprint, event, body, now))
    elif verdict is Verdict.IGNORED:
        log.info("Event ignored.", extra={"event": event})
    else:
        log.warning("Unknown event: is this bridge older than its Drone?", extra={"event": event})
    return verdict
