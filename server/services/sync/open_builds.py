"""Poll the builds of open cards when their webhooks fall silent.

Every silent build of the Drone server that is polled is queried, ever more slowly. What Drone does
not know any more is closed, with care: 404 also means that our token may not see it.
"""

import logging
from dataclasses import replace
from datetime import datetime, timedelta

from server.core.cards.card import Card
from server.core.drone.answers import BuildFound, Failed, RepoFound, Result
from server.core.drone.poll_intervals import PollIntervals, may_be_blocked, may_have_ended
from server.core.drone.poll_queue import PollQueue
from server.core.drone.query import REPOS, DroneQuery, DroneResponse, QueryKind
from server.core.drone.synthetic import synthesize_build, synthesize_unknown
from server.core.instant import Instant
from server.core.model.build import BuildState
from server.core.model.repository import repo_id
from server.core.model.status import is_final
from server.services.ports import Inbox
from server.services.sync.report import add_report
from server.services.sync.repositories import Repositories

log = logging.getLogger(__name__)

# A repository that our token could see, and cannot for so long, counts as gone.
GONE_AFTER = timedelta(minutes=20)


class OpenBuilds:
    """The open builds, by card; what closes or reports one may raise StoreUnavailable."""

    kinds = frozenset({QueryKind.BUILD, QueryKind.REPO})

    def __init__(
        self, inbox: Inbox, repos: Repositories, queue: PollQueue, intervals: PollIntervals
    ) -> None:
        self._inbox = inbox
        self._repos = repos
        self._queue = queue
        self._intervals = intervals
        self._states: dict[str, BuildState] = {}

    def clear(self) -> None:
        """Poll no build."""
        for key in list(self._states):
            self._forget(key)

    def poll_all(self, now: Instant, repo: str = "") -> None:
        """Poll every open build now, or those of one repository."""
        for key in self._keys(repo):
            self._queue.put(_build_query(key), now.tick, self._intervals.silence)

    def close_all(self, repo: str, now: datetime) -> None:
        """Close every open build of a deleted repository."""
        for key in self._keys(repo):
            self._close(key, self._states[key], now)

    def on_card(self, card: Card, now: Instant) -> None:
        """Note what a card says now; with news the silence begins again, or is over."""
        state = card.content
        if not isinstance(state, BuildState) or not self._repos.is_polled(state.system):
            return
        if state.is_ended:
            self._forget(card.id)
            return
        if state == self._states.get(card.id):
            return
        known = self._repos.find(state)
        if known is not None and known.is_deleted:
            self._close(card.id, state, now.at)
            return
        self._states[card.id] = state
        query, pause = _build_query(card.id), self._intervals.silence
        if may_be_blocked(state) or may_have_ended(state):
            due_at = now.tick + self._intervals.unreported
            self._queue.put(query, due_at, pause, is_urgent=True)
        else:
            self._queue.put(query, now.tick + pause, pause * 2)

    def resolve(self, query: DroneQuery) -> DroneQuery | None:
        """Name the build as Drone does now; None if it is not open any more."""
        state = self._states.get(query.subject)
        if state is None or not self._repos.is_polled(state.system):
            return None
        return replace(query, slug=self._repos.slug(state), number=state.build.number)

    def on_response(self, response: DroneResponse, now: Instant) -> None:
        """Report what Drone says of a build, or find out why it says nothing."""
        key = response.query.subject
        state = self._states.get(key)
        if state is None or isinstance(response.result, Failed):
            return
        if response.query.kind is QueryKind.REPO:
            self._on_repo(key, state, response.result, now)
        else:
            self._on_build(key, state, response.result, now)

    def _on_build(self, key: str, state: BuildState, result: Result, now: Instant) -> None:
        # A slug may belong to another repository by now, and a number to another build.
        if not isinstance(result, BuildFound) or result.build.id != state.build.id:
            query, pause = DroneQuery(QueryKind.REPO, key), self._intervals.silence
            self._queue.put(query, now.tick, pause, is_urgent=True)
            return
        known = self._repos.find(state)
        if known is not None:
            self._repos.note_readable(known)
        # Under the newest name of its repository.
        found = result.state(state.system, known.repo if known else state.repo)
        add_report(synthesize_build(found, now.at), key, self._inbox)
        if is_final(found.build.status):
            self._forget(key)

    def _on_repo(self, key: str, state: BuildState, result: Result, now: Instant) -> None:
        self._queue.drop(DroneQuery(QueryKind.REPO, key))
        known = self._repos.find(state)
        if isinstance(result, RepoFound) and result.repo.id == state.repo.id:
            if known is not None:
                self._repos.note_readable(known)
            self._close(key, state, now.at)
            return
        if known is not None:
            known = self._repos.note_hidden(known, now.at)
            # Perhaps our token was never allowed to see it.
            if known.is_readable and now.at - (known.hidden_at or now.at) >= GONE_AFTER:
                self._close(key, state, now.at)
        # Perhaps it has another name by now.
        self._queue.put(REPOS, now.tick, self._intervals.repos, is_urgent=True)

    def _close(self, key: str, state: BuildState, now: datetime) -> None:
        add_report(synthesize_unknown(state, now), key, self._inbox)
        self._forget(key)
        log.warning("Drone does not know a build any more.", extra={"card": key})

    def _forget(self, key: str) -> None:
        self._states.pop(key, None)
        self._queue.drop(_build_query(key))
        self._queue.drop(DroneQuery(QueryKind.REPO, key))

    def _keys(self, repo: str) -> list[str]:
        states = self._states.items()
        return [key for key, one in states if not repo or repo_id(one.system, one.repo) == repo]


def _build_query(key: str) -> DroneQuery:
    return DroneQuery(QueryKind.BUILD, key)
