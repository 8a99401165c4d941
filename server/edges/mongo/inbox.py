"""The inbox on MongoDB: every delivery, also after it was merged or put aside."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.database import Database
from pymongo.errors import BulkWriteError, DuplicateKeyError

from server.core.delivery import Delivery, Failure
from server.edges.mongo.documents import COUNT_UP_TO, IDS_AT_ONCE, Document, create_expiry, expiry
from server.edges.mongo.errors import translated

# https://www.mongodb.com/docs/manual/reference/error-codes/
DUPLICATE_KEY = 11000
PENDING = {"pending": True}
# A batch ends at this size: messages may have a megabyte each.
BATCH_BYTES = 16 * 1024 * 1024


class MongoInbox:
    """Deliveries: `pending` while they wait; merged and failed ones expire."""

    def __init__(self, database: Database[Document], ttl: timedelta) -> None:
        self._deliveries = database.deliveries
        self._ttl = ttl

    def prepare(self) -> None:
        """Create the indexes that are missing."""
        with translated():
            self._deliveries.create_index(
                [("received_at", ASCENDING)],
                name="pending",
                partialFilterExpression={"pending": True},
            )
            self._deliveries.create_index([("failed_at", ASCENDING)], name="failed_at", sparse=True)
            create_expiry(self._deliveries, self._ttl)

    def add(self, delivery: Delivery) -> bool:
        """Keep a delivery durably; False if it was kept before."""
        with translated():
            try:
                self._deliveries.insert_one(_document(delivery) | PENDING)
            except DuplicateKeyError:
                return False
        return True

    def add_all(self, deliveries: Sequence[Delivery]) -> None:
        """Keep deliveries durably, each once."""
        if not deliveries:
            return
        with translated():
            try:
                documents = [_document(delivery) | PENDING for delivery in deliveries]
                self._deliveries.insert_many(documents, ordered=False)
            except BulkWriteError as error:
                if any(one["code"] != DUPLICATE_KEY for one in error.details["writeErrors"]):
                    raise
                if error.details.get("writeConcernErrors"):
                    raise

    def pending(self, size: int) -> Iterator[list[Delivery]]:
        """Read what is not merged, oldest first, in lists of at most *size*."""
        with translated():
            cursor = self._deliveries.find(PENDING, batch_size=size)
            batch: list[Delivery] = []
            weight = 0
            for document in cursor.sort("received_at", ASCENDING):
                batch.append(_delivery(document))
                weight += len(batch[-1].body)
                if len(batch) == size or weight >= BATCH_BYTES:
                    yield batch
                    batch, weight = [], 0
            if batch:
                yield batch

    def begin(self, delivery_id: str) -> None:
        """Note that a delivery is about to be merged alone."""
        with translated():
            self._deliveries.update_one({"_id": delivery_id}, {"$inc": {"begun": 1}})

    def settle(self, merged: Sequence[str], failures: Iterable[Failure], now: datetime) -> None:
        """Take deliveries out of the inbox; those that failed keep their reason."""
        done: Document = {"merged_at": now, **expiry(now, self._ttl)}
        with translated():
            for start in range(0, len(merged), IDS_AT_ONCE):
                self._deliveries.update_many(
                    {"_id": {"$in": list(merged[start : start + IDS_AT_ONCE])}},
                    {"$unset": {"pending": ""}, "$set": done},
                )
            for failure in failures:
                self._deliveries.update_one(
                    {"_id": failure.id},
                    {"$unset": {"pending": ""}, "$set": self._failed(failure, now)},
                )

    def oldest_pending_at(self) -> datetime | None:
        """Return when the oldest delivery that waits was received."""
        with translated():
            document = self._deliveries.find_one(
                PENDING, {"received_at": 1}, sort=[("received_at", ASCENDING)]
            )
        return document["received_at"] if document else None

    def count_failed(self) -> int:
        """Return how many deliveries were put aside because they could not be merged."""
        with translated():
            return self._deliveries.count_documents(
                {"failed_at": {"$exists": True}}, limit=COUNT_UP_TO
            )

    def pending_of(self, prefix: str) -> Delivery | None:
        """Return a delivery that waits to be merged and whose id begins with *prefix*."""
        found = self._find({**PENDING, "_id": _beginning(prefix)})
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
        failed = self._failed(Failure(delivery.id, reason, ""), now)
        with translated(), suppress(DuplicateKeyError):
            self._deliveries.insert_one(_document(delivery) | failed)

    def _failed(self, failure: Failure, now: datetime) -> Document:
        why = {"failed_at": now, "reason": failure.reason, "trace": failure.trace}
        return {**why, **expiry(now, self._ttl)}

    def _find(self, where: Document) -> Document | None:
        with translated():
            return self._deliveries.find_one(where)


def _document(delivery: Delivery) -> Document:
    return {
        "_id": delivery.id,
        "event": delivery.event,
        "body": delivery.body,
        "received_at": delivery.received_at,
    }


def _delivery(document: Mapping[str, Any]) -> Delivery:
    body = bytes(document["body"])
    begun = document.get("begun", 0)
    return Delivery(document["_id"], document["event"], body, document["received_at"], begun)


def _beginning(prefix: str) -> Document:
    return {"$gte": prefix, "$lt": prefix + "\x7f"}
