"""Cards on MongoDB, and every index of their collection."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from pymongo import ASCENDING, DESCENDING
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from server.core.cards.card import Card
from server.core.cards.content import family_of
from server.core.cards.send_queue import QueueEntry
from server.core.documents import ENTRY_FIELDS, card_document, read_card, read_entry, storable
from server.edges.mongo.documents import COUNT_UP_TO, IDS_AT_ONCE, Document, create_expiry, expiry
from server.edges.mongo.errors import translated

log = logging.getLogger(__name__)

# The indexes of all cards.
INDEXES = {
    "numbers": [("content.repo.slug", DESCENDING), ("content.build.number", DESCENDING)],
    "repositories": [
        ("content.repo.id", DESCENDING),
        ("content.system.host", DESCENDING),
        ("content.build.number", DESCENDING),
    ],
    "newest_first": [("content.build.created", DESCENDING), ("content.build.id", DESCENDING)],
}
# The indexes of cards that have a field; each also serves to count. They are what is one thing in
# several channels, what a message belongs to, and which card may have a message that is not noted.
SPARSE_INDEXES = ("dropped", "family", "message_id", "reply_id", "unsure_since")

Read = TypeVar("Read")


class MongoCards:
    """Cards: `is_due` exists while they wait, `is_open` while they have not ended.

    Every save prolongs their life, unless their channel does not take them.
    """

    def __init__(self, database: Database[Document], ttl: timedelta) -> None:
        self._cards = database.cards
        self._ttl = ttl

    def prepare(self) -> None:
        """Create the indexes that are missing."""
        with translated():
            for name, field, flag in (
                ("due", "due_at", "is_due"),
                ("open", "created_at", "is_open"),
            ):
                self._cards.create_index(
                    [(field, ASCENDING)], name=name, partialFilterExpression={flag: True}
                )
            for name in SPARSE_INDEXES:
                self._cards.create_index([(name, ASCENDING)], name=name, sparse=True)
            for name, keys in INDEXES.items():
                self._cards.create_index(keys, name=name)
            create_expiry(self._cards, self._ttl)
        self._name_families()

    def find(self, ids: Sequence[str]) -> dict[str, Card]:
        """Read the cards that exist, by id."""
        found: dict[str, Card] = {}
        with translated():
            for start in range(0, len(ids), IDS_AT_ONCE):
                some = list(ids[start : start + IDS_AT_ONCE])
                for card in _readable(self._cards.find({"_id": {"$in": some}}), read_card):
                    found[card.id] = card
        return found

    def find_families(self, families: Sequence[str]) -> list[Card]:
        """Read the cards of the same things in every channel, oldest first."""
        found: list[Card] = []
        for start in range(0, len(families), IDS_AT_ONCE):
            some = list(families[start : start + IDS_AT_ONCE])
            found += self._read({"family": {"$in": some}}, "created_at")
        return found

    def owned(self, message_ids: Sequence[str]) -> set[str]:
        """Return which of these messages of Discord's a card has noted as its own."""
        with translated():
            return {
                str(found[name])
                for name in ("message_id", "reply_id")
                for found in self._cards.find({name: {"$in": list(message_ids)}}, {name: 1})
            }

    def unsure(self, channel_id: str) -> list[Card]:
        """Read the cards of a channel that may have a message that is not noted."""
        found = self._read({"unsure_since": {"$exists": True}}, "created_at")
        return [card for card in found if card.channel_id == channel_id]

    def save(self, card: Card, now: datetime) -> Card | None:
        """Write a card over the revision it was read at; None if another writer was faster."""
        saved = storable(replace(card, revision=card.revision + 1))
        # What its channel refuses must not live on by being tried.
        document = {**card_document(saved), **expiry(card.refused_since or now, self._ttl)}
        with translated():
            if card.revision:
                where = {"_id": card.id, "revision": card.revision}
                return saved if self._cards.replace_one(where, document).matched_count else None
            try:
                self._cards.insert_one(document)
            except DuplicateKeyError:
                return None
        return saved

    def due(self) -> Iterator[QueueEntry]:
        """Read what every card that waits for something waits for."""
        with translated():
            found = self._cards.find({"is_due": True}, dict.fromkeys(ENTRY_FIELDS, 1))
            yield from _readable(found.sort("due_at"), read_entry)

    def dropped(self) -> Iterator[Card]:
        """Read every card that was given up."""
        return self._read({"dropped": {"$exists": True}}, "created_at")

    def open(self) -> Iterator[Card]:
        """Read every card whose build has not ended."""
        return self._read({"is_open": True}, "created_at")

    def event_of(self, host: str, slug: str, number: int) -> str:
        """Read what a build was made by (`push`, `promote`), "" if it is not known."""
        where: Document = {"content.repo.slug": slug, "content.build.number": number}
        with translated():
            found = self._cards.find_one(
                where | {"content.system.host": host}, {"content.build.event": 1}
            )
        return str(found["content"]["build"].get("event", "")) if found else ""

    def count_dropped(self) -> int:
        """Return how many cards were given up."""
        with translated():
            return self._cards.count_documents({"dropped": {"$exists": True}}, limit=COUNT_UP_TO)

    def _name_families(self) -> None:
        """Give open cards of earlier versions the name of their family."""
        with translated():
            unnamed = self._cards.find({"is_open": True, "family": {"$exists": False}}, {"_id": 1})
            for document in list(unnamed):
                family = {"family": family_of(document["_id"])}
                self._cards.update_one({"_id": document["_id"]}, {"$set": family})

    def _read(self, query: Document, order: str) -> Iterator[Card]:
        with translated():
            yield from _readable(self._cards.find(query).sort(order), read_card)


def _readable(documents: Iterable[Document], read: Callable[[Document], Read]) -> Iterator[Read]:
    """Read cards; one that another version wrote, or a hand, must not stop the rest."""
    for document in documents:
        try:
            found = read(document)
        except (KeyError, TypeError, ValueError) as error:
            variables = {"card": str(document["_id"]), "reason": type(error).__name__}
            log.error("A card in MongoDB cannot be read; it is left alone.", extra=variables)
        else:
            yield found
