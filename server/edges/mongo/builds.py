"""Builds, read from the cards on MongoDB."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from pymongo import DESCENDING
from pymongo.database import Database

from server.core.documents import read_card
from server.core.model.build import BuildState
from server.core.model.repository_name import Identity, identities
from server.edges.mongo.cards import INDEXES
from server.edges.mongo.documents import Document
from server.edges.mongo.errors import translated
from server.edges.mongo.repositories import MongoRepos


class MongoBuilds:
    """Builds by repository and number; may raise StoreUnavailable.

    A repository is found by the name that it has now, or that it had: its builds are those of its
    id, whatever it was called when they ran.
    """

    def __init__(self, database: Database[Document], repos: MongoRepos) -> None:
        self._cards = database.cards
        self._repos = repos

    def newest(self, slug: str, count: int) -> list[BuildState]:
        """Read the builds of a repository, or of all for "", newest first and without steps."""
        order = INDEXES["newest_first"]
        query: Document = {"content.build.created": {"$gt": 0}}
        if slug:
            named = identities(self._repos.named(slug), slug) or self._once_called(slug)
            if not named:
                return []
            # Of one repository the whole index; two servers' have an id each.
            order = INDEXES["repositories"][0 if len(named) == 1 else 2 :]
            query = {"content.build.number": {"$gt": 0}, **_any_of(named)}
        with translated():
            found = self._cards.find(query, {"content.build.stages.steps": 0, "refused": 0})
            return list(_readable(found.sort(order).limit(count)))

    def find(self, slug: str, number: int) -> BuildState | None:
        """Read one build with everything; of two servers' or two channels' the youngest card."""
        named = identities(self._repos.named(slug), slug)
        if not named:
            found = self._youngest({"content.repo.slug": slug, "content.build.number": number})
            if found is not None:
                return found
            named = self._once_called(slug)
        return self._youngest({"content.build.number": number, **_any_of(named)}) if named else None

    def _youngest(self, query: Document) -> BuildState | None:
        with translated():
            found = self._cards.find(query).sort("created_at", DESCENDING).limit(1)
            return next(_readable(found), None)

    def _once_called(self, slug: str) -> list[Identity]:
        """Find the repository that was the last to have a build under a name."""
        query = {"content.repo.slug": slug, "content.build.number": {"$gt": 0}}
        with translated():
            found = self._cards.find(query, {"content.build.stages": 0})
            found = found.sort(INDEXES["numbers"]).limit(5)
            return [(one.system.host, one.repo.id) for one in islice(_readable(found), 1)]


def _any_of(named: Sequence[Identity]) -> Document:
    """Return what chooses the builds of repositories."""
    chosen: list[Document] = [
        {"content.repo.id": one, "content.system.host": host} for host, one in named
    ]
    return chosen[0] if len(chosen) == 1 else {"$or": chosen}


def _readable(documents: Iterable[Document]) -> Iterator[BuildState]:
    """Read builds; a card that another version wrote, or a hand, is left out."""
    for document in documents:
        try:
            content = read_card(document).content
        except (KeyError, TypeError, ValueError):
            continue
        if isinstance(content, BuildState):
            yield content
