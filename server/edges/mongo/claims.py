"""What MongoDB knows of pushed messages besides their deliveries and cards."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from pymongo import DESCENDING
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from server.core.delivery import Delivery
from server.core.messages.idempotency import LIFE, Claim, stands
from server.edges.mongo.errors import translated
from server.errors import StoreUnavailable

# How often a claim that changes under our hands is read again.
TRIES = 5


class MongoMessages:
    """Claims, one document each, and what became of deliveries; may raise StoreUnavailable."""

    def __init__(self, database: Database[dict[str, Any]], ttl: timedelta) -> None:
        self._claims = database.claims
        self._deliveries = database.deliveries
        self._ttl = ttl

    def claim(self, claim: Claim) -> Claim:
        """Claim a key; return the claim that stands, another's perhaps. One of many wins."""
        values = {
            "digest": claim.digest,
            "message_id": claim.message_id,
            "delivery_id": claim.delivery_id,
            "at": claim.at,
            "expire_at": claim.at + LIFE,
        }
        with translated():
            for _ in range(TRIES):
                try:
                    self._claims.insert_one({"_id": claim.id, **values})
                except DuplicateKeyError:
                    found = self._claims.find_one({"_id": claim.id})
                    if found is None:
                        continue
                    if stands(standing := _claim(found), claim.at):
                        return standing
                    where = {"_id": claim.id, "at": found["at"]}
                    if not self._claims.update_one(where, {"$set": values}).matched_count:
                        continue
                return claim
        raise StoreUnavailable(f"a claim changed {TRIES} times while it was read")

    def pending_of(self, prefix: str) -> Delivery | None:
        """Return a delivery that waits to be merged and whose id begins with *prefix*."""
        found = self._find({"pending": True, "_id": _beginning(prefix)})
        return _delivery(found) if found else None

    def failed_of(self, prefix: str) -> tuple[Delivery, str] | None:
        """Return a delivery that was put aside, with the reason."""
        found = self._find({"failed_at": {"$exists": True}, "_id": _beginning(prefix)})
        return (_delivery(found), str(found["reason"])) if found else None

    def last_of(self, prefix: str) -> str:
        """Return the last id that begins with *prefix*, or ""."""
        with translated():
            found = self._deliveries.find_one(
                {"_id": _beginning(prefix)}, {"_id": 1}, sort=[("_id", DESCENDING)]
            )
        return str(found["_id"]) if found else ""

    def put_aside(self, delivery: Delivery, reason: str, now: datetime) -> None:
        """Keep a delivery that is not to be merged, with the reason."""
        document = {
            "_id": delivery.id,
            "event": delivery.event,
            "body": delivery.body,
            "received_at": delivery.received_at,
            "failed_at": now,
            "reason": reason,
            "trace": "",
            **({"expire_at": now + self._ttl} if self._ttl else {}),
        }
        with translated():
            try:
                self._deliveries.insert_one(document)
            except DuplicateKeyError:
                return

    def _find(self, where: Mapping[str, Any]) -> dict[str, Any] | None:
        with translated():
            return self._deliveries.find_one(where)


def _claim(document: Mapping[str, Any]) -> Claim:
    return Claim(
        document["_id"],
        document["digest"],
        document["message_id"],
        document["delivery_id"],
        document["at"],
    )


def _delivery(document: Mapping[str, Any]) -> Delivery:
    body = bytes(document["body"])
    return Delivery(document["_id"], document["event"], body, document["received_at"])


def _beginning(prefix: str) -> dict[str, str]:
    return {"$gte": prefix, "$lt": prefix + "\x7f"}
