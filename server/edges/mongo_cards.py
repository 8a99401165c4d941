"""Cards on MongoDB."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from server.core.agenda import Entry
from server.core.card import Card
from server.core.document import ENTRY_FIELDS, card_document, read_card, read_entry, storable
from server.edges.mongo_errors import translated
from server.edges.mongo_terms import COUNT_UP_TO, IDS_AT_ONCE, Document, expiry

log = logging.getLogger(__name__)

Read = TypeVar("Read")


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
        with translated():
            for start in range(0, len(ids), IDS_AT_ONCE):
                some = list(ids[start : start + IDS_AT_ONCE])
                for card in _readable(self._cards.find({"_id": {"$in": some}}), read_card):
                    found[card.id] = card
        return found

    def save(self, card: Card, now: datetime) -> Card | None:
        """Write a card over the revision it was read at; None if somebody else was faster."""
        saved = storable(replace(card, revision=card.revision + 1))
        document = {**card_document(saved), **expiry(now, self._ttl)}
        with translated():
            if card.revision:
                where = {"_id": card.id, "revision": card.revision}
                return saved if self._cards.replace_one(where, document).matched_count else None
            try:
                self._cards.insert_one(document)
            except DuplicateKeyError:
                return None
        return saved

    def due(self) -> Iterator[Entry]:
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
