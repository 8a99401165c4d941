"""The repositories that we have heard of, in memory as they stand in the store."""

import logging
from dataclasses import replace
from datetime import datetime

from server.core.build import BuildState, System
from server.core.known_repo import KnownRepo, home_of, noted, repo_id
from server.services.ports import Repos

log = logging.getLogger(__name__)


class KnownRepos:
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

    def note(self, state: BuildState, now: datetime) -> None:
        """Learn from a report."""
        if not state.repo.slug:
            return  # it says nothing of its repository
        news = noted(self.find(state), state, now)
        if news is not None:
            self._keep(news)
        if self.home is None or state.system.host in (self.home.host, self._authority):
            self.home = state.system

    def note_readable(self, state: BuildState) -> None:
        """Note that our token may read the repository of a build."""
        known = self.find(state)
        if known is not None and not known.is_readable:
            self._keep(replace(known, is_readable=True))
        self._is_hidden.discard(repo_id(state.system, state.repo))

    def note_hidden(self, state: BuildState) -> bool:
        """Note that Drone does not show the repository of a build; True if it did once."""
        key = repo_id(state.system, state.repo)
        known = self._known.get(key)
        if key not in self._is_hidden:
            self._is_hidden.add(key)
            log.warning(
                "Drone does not show a repository to the token.",
                extra={"repo": self.slug(state), "was_shown": bool(known and known.is_readable)},
            )
        return known is not None and known.is_readable

    def save(self) -> None:
        """Write what is new; may raise StoreUnavailable."""
        while self._unsaved:
            key = next(iter(self._unsaved))
            self._store.note(self._known[key])
            self._unsaved.discard(key)

    def _keep(self, known: KnownRepo) -> None:
        self._known[known.id] = known
        self._unsaved.add(known.id)
