"""The store on MongoDB; the only module that knows pymongo.

Every failure of the driver becomes StoreUnavailable. Make the client after a fork, one a process.
What a loop reads is a small set behind a partial index: a field exists only while work waits.
"""

import logging
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from pymongo import ASCENDING, MongoClient
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from server.core.card import Card
from server.core.delivery import Delivery, Failure
from server.core.document import card_document, read_card, storable
from server.core.lease import Lease
from server.edges.mongo_errors import translated as _translated
from server.edges.mongo_messages import MongoMessages
from server.settings import MongoSettings

log = logging.getLogger(__name__)

Document = dict[str, Any]

# Longer lists of ids make some servers of this protocol slow out of proportion.
IDS_AT_ONCE = 50
# A batch ends at this size: messages may have a megabyte each.
BATCH_BYTES = 16 * 1024 * 1024
# Beyond this it is only "many".
COUNT_UP_TO = 1000


def connect(settings: MongoSettings, timeout: timedelta) -> "MongoStore":
    """Return the store; nothing is sent yet. No operation takes longer than *timeout*.

    Raise StoreUnavailable for options that the driver refuses.
    """
    milliseconds = int(timeout.total_seconds() * 1000)
    with _translated(), warnings.catch_warnings():
        # The driver quotes options that it does not understand; they may be pieces of a token.
        warnings.simplefilter("ignore")
        client: MongoClient[Document] = MongoClient(
            settings.uri.reveal(),
            tz_aware=True,
            appname="drone-discord",
            w="majority",
            journal=True,
            timeoutMS=milliseconds,
            serverSelectionTimeoutMS=milliseconds,
            connectTimeoutMS=milliseconds,
            connect=False,  # otherwise it asks the DNS here about mongodb+srv, and may fail
        )
        return MongoStore(client[settings.database], settings.delivery_ttl, settings.card_ttl)


class MongoStore:
    """The database: inbox, cards and leases. A ttl of zero keeps for ever."""

    def __init__(
        self, database: Database[Document], delivery_ttl: timedelta, card_ttl: timedelta
    ) -> None:
        self._database = database
        self._ttls = {"deliveries": delivery_ttl, "cards": card_ttl}
        self.inbox = MongoInbox(database, delivery_ttl)
        self.cards = MongoCards(database, card_ttl)
        self.leases = MongoLeases(database)
        self.messages = MongoMessages(database, delivery_ttl)

    def prepare(self) -> None:
        """Make the indexes that are missing; harmless at any time and twice."""
        with _translated():
            self._database.deliveries.create_index(
                [("received_at", ASCENDING)],
                name="pending",
                partialFilterExpression={"pending": True},
            )
            self._database.deliveries.create_index(
                [("failed_at", ASCENDING)], name="failed_at", sparse=True
            )
            self._database.cards.create_index(
                [("due_at", ASCENDING)],
                name="due",
                partialFilterExpression={"is_due": True},
            )
            self._database.cards.create_index(
                [("created_at", ASCENDING)],
                name="open",
                partialFilterExpression={"is_open": True},
            )
            # Sparse and by the field itself, so that it also serves to count.
            self._database.cards.create_index([("dropped", ASCENDING)], name="dropped", sparse=True)
            for name, ttl in {**self._ttls, "claims": self._ttls["deliveries"]}.items():
                if ttl:
                    self._database[name].create_index(
                        [("expire_at", ASCENDING)], name="expiry", expireAfterSeconds=0
                    )

    def drop(self) -> None:
        """Delete everything of ours in the database."""
        with _translated():
            for name in ("deliveries", "cards", "leases", "claims"):
                self._database.drop_collection(name)

    def ping(self) -> None:
        """Raise StoreUnavailable if the database does not answer."""
        with _translated():
            self._database.command("ping")

    def close(self) -> None:
        """Close the connections."""
        self._database.client.close()


class MongoInbox:
    """Deliveries: `pending` while they wait; afterwards a ledger that expires."""

    def __init__(self, database: Database[Document], ttl: timedelta) -> None:
        self._deliveries = database.deliveries
        self._ttl = ttl
        self.claim = MongoMessages(database, ttl).claim

    def add(self, delivery: Delivery) -> bool:
        """Keep a delivery durably; False if it was kept before."""
        document = {
            "_id": delivery.id,
            "event": delivery.event,
            "body": delivery.body,
            "received_at": delivery.received_at,
            "pending": True,
        }
        with _translated():
            try:
                self._deliveries.insert_one(document)
            except DuplicateKeyError:
                return False
        return True

    def pending(self, size: int) -> Iterator[list[Delivery]]:
        """Read what is not merged, oldest first, in lists of at most *size*."""
        with _translated():
            cursor = self._deliveries.find({"pending": True}, batch_size=size)
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

    def settle(self, merged: Sequence[str], failures: Iterable[Failure], now: datetime) -> None:
        """Take deliveries out of the inbox; those that failed keep their reason."""
        done: Document = {"merged_at": now, **_expiry(now, self._ttl)}
        with _translated():
            for start in range(0, len(merged), IDS_AT_ONCE):
                self._deliveries.update_many(
                    {"_id": {"$in": list(merged[start : start + IDS_AT_ONCE])}},
                    {"$unset": {"pending": ""}, "$set": done},
                )
            for failure in failures:
                reason = {"failed_at": now, "reason": failure.reason, "trace": failure.trace}
                self._deliveries.update_one(
                    {"_id": failure.id},
                    {"$unset": {"pending": ""}, "$set": {**reason, **_expiry(now, self._ttl)}},
                )

    def oldest_pending_at(self) -> datetime | None:
        """Return when the oldest delivery that waits was received."""
        with _translated():
            document = self._deliveries.find_one(
                {"pending": True}, {"received_at": 1}, sort=[("received_at", ASCENDING)]
            )
        return document["received_at"] if document else None

    def find(self, delivery_id: str) -> Delivery | None:
        """Read a delivery, whatever became of it."""
        with _translated():
            document = self._deliveries.find_one({"_id": delivery_id})
        return _delivery(document) if document else None

    def count_failed(self) -> int:
        """Return how many deliveries were put aside because they could not be merged."""
        with _translated():
            return self._deliveries.count_documents(
                {"failed_at": {"$exists": True}}, limit=COUNT_UP_TO
            )


def _delivery(document: Mapping[str, Any]) -> Delivery:
    body = bytes(document["body"])
    return Delivery(document["_id"], document["event"], body, document["received_at"])


class MongoCards:
    """Cards: `is_due` exists while they wait, `is_open` while they have not ended.

    Every save prolongs their life.
    """

    def __init__(self, database: Database[Document], ttl: timedelta) -> None:
        self._cards = database.cards
        self._ttl = ttl

    def find(self, ids: Sequence[str]) -> dict[str, Card]:
        """Read the cards that exist, by id."""
        found: dict[str, Card] = {}
        with _translated():
            for start in range(0, len(ids), IDS_AT_ONCE):
                some = list(ids[start : start + IDS_AT_ONCE])
                for card in _readable(self._cards.find({"_id": {"$in": some}})):
                    found[card.id] = card
        return found

    def save(self, card: Card, now: datetime) -> Card | None:
        """Write a card over the revision it was read at; None if somebody else was faster."""
        saved = storable(replace(card, revision=card.revision + 1))
        document = {**card_document(saved), **_expiry(now, self._ttl)}
        with _translated():
            if card.revision:
                where = {"_id": card.id, "revision": card.revision}
                return saved if self._cards.replace_one(where, document).matched_count else None
            try:
                self._cards.insert_one(document)
            except DuplicateKeyError:
                return None
        return saved

    def due(self) -> Iterator[Card]:
        """Read every card that waits for something."""
        return self._read({"is_due": True}, "due_at")

    def dropped(self) -> Iterator[Card]:
        """Read every card that was given up."""
        return self._read({"dropped": {"$exists": True}}, "created_at")

    def open(self) -> Iterator[Card]:
        """Read every card whose build has not ended."""
        return self._read({"is_open": True}, "created_at")

    def count_dropped(self) -> int:
        """Return how many cards were given up."""
        with _translated():
            return self._cards.count_documents({"dropped": {"$exists": True}}, limit=COUNT_UP_TO)

    def _read(self, query: Document, order: str) -> Iterator[Card]:
        with _translated():
            yield from _readable(self._cards.find(query).sort(order))


class MongoLeases:
    """Leases, one document each, with what the holder tells of itself."""

    def __init__(self, database: Database[Document]) -> None:
        self._leases = database.leases

    def read(self, name: str) -> tuple[Lease, Mapping[str, Any]] | None:
        """Return the lease and what its holder last told of itself."""
        with _translated():
            document = self._leases.find_one({"_id": name})
        if document is None:
            return None
        lease = Lease(document["holder"], document["beat"], document["renewed_at"])
        return lease, document["report"]

    def write(self, name: str, lease: Lease, report: Mapping[str, Any], over: Lease | None) -> bool:
        """Write a lease over the one that was read (None: there was none); False if it moved."""
        values: Document = {
            "holder": lease.holder,
            "beat": lease.beat,
            "renewed_at": lease.renewed_at,
            "report": dict(report),
        }
        with _translated():
            if over is None:
                try:
                    self._leases.insert_one({"_id": name, **values})
                except DuplicateKeyError:
                    return False
                return True
            where = {"_id": name, "holder": over.holder, "beat": over.beat}
            return self._leases.update_one(where, {"$set": values}).matched_count == 1


def _readable(documents: Iterable[Document]) -> Iterator[Card]:
    """Read cards; one that another version wrote, or a hand, must not stop the rest."""
    for document in documents:
        try:
            card = read_card(document)
        except (KeyError, TypeError, ValueError) as error:
            variables = {"card": str(document["_id"]), "reason": type(error).__name__}
            log.error("A card in MongoDB cannot be read; it is left alone.", extra=variables)
        else:
            yield card


def _expiry(now: datetime, ttl: timedelta) -> Document:
    return {"expire_at": now + ttl} if ttl else {}
