"""The known repositories, in memory as they stand in the store."""

import logging
from dataclasses import replace
from datetime import datetime
from itertools import islice

from server.core.drone.answers import RepoFound
from server.core.model.build import BuildState, Repo, System
from server.core.model.repository import (
    KnownRepo,
    polled_system,
    repo_id,
    with_listing,
    with_report,
)
from server.services.ports import Repos

log = logging.getLogger(__name__)

# The first list of a large server must not hold the worker up.
AT_ONCE = 25


class Repositories:
    """What is known of every repository; written only when a report says something new."""

    def __init__(self, store: Repos, authority: str) -> None:
        self._store = store
        self._authority = authority
        self._known: dict[str, KnownRepo] = {}
        self._unsaved: set[str] = set()
        self._hidden: set[str] = set()  # of which the log says so
        self.system: System | None = None  # the server that is polled, once a webhook has named it

    def load(self) -> None:
        """Read what is known; may raise StoreUnavailable."""
        self._unsaved.clear()
        self._known = {known.id: known for known in self._store.list()}
        self.system = polled_system(self._known.values(), self._authority)

    def polled(self) -> list[KnownRepo]:
        """List the repositories of the server that is polled."""
        return [known for known in self._known.values() if self.is_polled(known.system)]

    def is_polled(self, system: System) -> bool:
        """Tell whether *system* is the server that is polled."""
        return self.system is not None and system.host == self.system.host

    @property
    def is_proved(self) -> bool:
        """Tell whether the server that is polled is surely the one whose webhooks come.

        It has the name of its address, or has shown a repository with the id that is known.
        """
        by_name = self.system is not None and self.system.host == self._authority
        return by_name or any(known.is_readable for known in self.polled())

    def find(self, state: BuildState) -> KnownRepo | None:
        """Return what is known of the repository of a build."""
        return self._known.get(repo_id(state.system, state.repo))

    def get(self, key: str) -> KnownRepo | None:
        """Return what is known of a repository by its `KnownRepo.id`."""
        return self._known.get(key)

    def slug(self, state: BuildState) -> str:
        """Return the newest slug of a build's repository; it may have been renamed since."""
        known = self.find(state)
        return known.repo.slug if known else state.repo.slug

    def find_polled(self, repo: Repo) -> KnownRepo | None:
        """Return what is known of a repository of the server that is polled."""
        return self._known.get(repo_id(self.system, repo)) if self.system else None

    def is_hidden(self, known: KnownRepo) -> bool:
        """Tell whether Drone lately did not show a repository to our token."""
        return known.id in self._hidden

    def note_report(self, state: BuildState, now: datetime) -> None:
        """Learn from a report of a build."""
        if not state.repo.slug:
            return  # it says nothing of its repository
        news = with_report(self.find(state), state, now)
        if news is not None:
            self.put(news)
        if self.system is None or state.system.host in (self.system.host, self._authority):
            self.system = state.system

    def note_listed(self, found: RepoFound, now: datetime) -> KnownRepo | None:
        """Learn from a list of the server that is polled; None if it may be another's list."""
        if self.system is None:
            return None
        known = self.find_polled(found.repo)
        if known is not None and known.repo.slug == found.repo.slug:
            self.note_readable(known)
        if not self.is_proved:
            return None  # another server's repositories may have any ids and names
        news = with_listing(known, self.system, found.repo, found.counter, now)
        if news is not None:
            self.put(news)
            self._hidden.discard(news.id)
        return news or known

    def note_readable(self, known: KnownRepo) -> None:
        """Note that our token may read a repository."""
        if not known.is_readable or known.hidden_at is not None:
            self.put(replace(known, is_readable=True, hidden_at=None))
        self._hidden.discard(known.id)

    def note_hidden(self, known: KnownRepo, now: datetime) -> KnownRepo:
        """Note that Drone does not show a repository to our token."""
        if known.hidden_at is None:
            known = replace(known, hidden_at=now)
            self.put(known)
        if known.id not in self._hidden:
            self._hidden.add(known.id)
            log.warning(
                "Drone does not show a repository to the token.",
                extra={"repo": known.repo.slug, "was_shown": known.is_readable},
            )
        return known

    def note_deleted(self, key: str) -> None:
        """Note that a repository was deleted."""
        known = self._known.get(key)
        if known is not None and not known.is_deleted:
            self.put(replace(known, is_deleted=True))

    def save(self) -> None:
        """Write what is new, a few at a time; may raise StoreUnavailable."""
        for key in list(islice(self._unsaved, AT_ONCE)):
            self._store.note(self._known[key])
            self._unsaved.discard(key)

    def put(self, known: KnownRepo) -> None:
        """Remember what is known of a repository from now on."""
        self._known[known.id] = known
        self._unsaved.add(known.id)
