"""The repositories that we have heard of, in memory as they stand in the store."""

import logging
from dataclasses import replace
from datetime import datetime
from itertools import islice

from server.core.drone.listings import Listed
from server.core.model.build import BuildState, Repo, System
from server.core.model.repository import KnownRepo, home_of, listed, noted, repo_id
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
        self._is_hidden: set[str] = set()  # as the log was told
        self.home: System | None = None  # the server that we ask, once a webhook has named it

    def begin(self) -> None:
        """Read what is known; may raise StoreUnavailable."""
        self._unsaved.clear()
        self._known = {known.id: known for known in self._store.list()}
        self.home = home_of(self._known.values(), self._authority)

    def at_home(self) -> list[KnownRepo]:
        """List the repositories of the server that we ask."""
        return [known for known in self._known.values() if self.is_home(known.system)]

    def is_home(self, system: System) -> bool:
        """Tell whether *system* is the server that we ask."""
        return self.home is not None and system.host == self.home.host

    @property
    def is_proved(self) -> bool:
        """Tell whether the server that we ask is surely the one whose webhooks come.

        It has the name of its address, or has told of a repository with the id that we know.
        """
        by_name = self.home is not None and self.home.host == self._authority
        return by_name or any(known.is_readable for known in self.at_home())

    def find(self, state: BuildState) -> KnownRepo | None:
        """Return what is known of the repository of a build."""
        return self._known.get(repo_id(state.system, state.repo))

    def named(self, key: str) -> KnownRepo | None:
        """Return the repository of a name that it gave itself."""
        return self._known.get(key)

    def slug(self, state: BuildState) -> str:
        """Return the newest slug of a build's repository; it may have been renamed since."""
        known = self.find(state)
        return known.repo.slug if known else state.repo.slug

    def slug_of(self, repo: Repo) -> str:
        """Return the name under which we know a repository of the server that we ask."""
        known = self._known.get(repo_id(self.home, repo)) if self.home else None
        return known.repo.slug if known else repo.slug

    def is_hidden(self, known: KnownRepo) -> bool:
        """Tell whether Drone lately did not show a repository to our token."""
        return known.id in self._is_hidden

    def note(self, state: BuildState, now: datetime) -> None:
        """Learn from a report."""
        if not state.repo.slug:
            return  # it says nothing of its repository
        news = noted(self.find(state), state, now)
        if news is not None:
            self.keep(news)
        if self.home is None or state.system.host in (self.home.host, self._authority):
            self.home = state.system

    def note_listed(self, found: Listed, now: datetime) -> KnownRepo | None:
        """Learn from a list of the server that we ask; None if it may be another's list."""
        if self.home is None:
            return None
        known = self._known.get(repo_id(self.home, found.repo))
        if known is not None and known.repo.slug == found.repo.slug:
            self.note_readable(known)
        if not self.is_proved:
            return None  # another server's repositories may have any ids and names
        news = listed(known, self.home, found.repo, found.counter, now)
        if news is not None:
            self.keep(news)
            self._is_hidden.discard(news.id)
        return news or known

    def note_readable(self, known: KnownRepo) -> None:
        """Note that our token may read a repository."""
        if not known.is_readable or known.hidden_at is not None:
            self.keep(replace(known, is_readable=True, hidden_at=None))
        self._is_hidden.discard(known.id)

    def note_hidden(self, known: KnownRepo, now: datetime) -> KnownRepo:
        """Note that Drone does not show a repository to our token."""
        if known.hidden_at is None:
            known = replace(known, hidden_at=now)
            self.keep(known)
        if known.id not in self._is_hidden:
            self._is_hidden.add(known.id)
            log.warning(
                "Drone does not show a repository to the token.",
                extra={"repo": known.repo.slug, "was_shown": known.is_readable},
            )
        return known

    def note_deleted(self, key: str) -> None:
        """Note that a repository is no more."""
        known = self._known.get(key)
        if known is not None and not known.is_deleted:
            self.keep(replace(known, is_deleted=True))

    def save(self) -> None:
        """Write what is new, so much at a time; may raise StoreUnavailable."""
        for key in list(islice(self._unsaved, AT_ONCE)):
            self._store.note(self._known[key])
            self._unsaved.discard(key)

    def keep(self, known: KnownRepo) -> None:
        """Remember what is known of a repository from now on."""
        self._known[known.id] = known
        self._unsaved.add(known.id)
