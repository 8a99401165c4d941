"""What the cards on MongoDB know of builds, for people who ask."""

from collections.abc import Iterable, Iterator

from pymongo import DESCENDING
from pymongo.database import Database

from server.core.build import BuildState
from server.core.document import read_card
from server.edges.mongo_errors import translated
from server.edges.mongo_terms import Document

# The indexes, by name; each query below has one.
INDEXES = {
    "numbers": [("content.repo.slug", DESCENDING), ("content.build.number", DESCENDING)],
    "newest": [("content.build.created", DESCENDING)],
}


class MongoBuilds:
    """Builds by repository and number; may raise StoreUnavailable."""

    def __init__(self, database: Database[Document]) -> None:
        self._cards = database.cards

    def newest(self, slug: str, count: int) -> list[BuildState]:
        """Read the builds of a repository, or of all for "", newest first and without steps."""
        order = "content.build.number" if slug else "content.build.created"
        query: Document = {order: {"$gt": 0}}
        query |= {"content.repo.slug": slug} if slug else {}
        with translated():
            found = self._cards.find(query, {"content.build.stages.steps": 0, "refused": 0})
            return list(_readable(found.sort(order, DESCENDING).limit(count)))

    def find(self, slug: str, number: int) -> BuildState | None:
        """Read one build with everything; of two servers' or two channels' the youngest card."""
        query = {"content.repo.slug": slug, "content.build.number": number}
        with translated():
            found = self._cards.find(query).sort("created_at", DESCENDING).limit(1)
            return next(_readable(found), None)


def _readable(documents: Iterable[Document]) -> Iterator[BuildState]:
    """Read builds; a card that another version wrote, or a hand, is left out."""
    for document in documents:
        try:
            content = read_card(document).content
        except (KeyError, TypeError, ValueError):
            continue
        if isinstance(content, BuildState):
            yield content
