"""Backfill the builds that no webhook reported: regularly, and whenever webhooks may be lost.

Drone lists its repositories with the number of the newest build of each. Whatever is missing among
the numbers that are known is fetched, the newest first. What is older than a day or from before our
first start is history, and so is everything below it.
"""

import logging
from dataclasses import replace
from datetime import UTC, datetime

from server.core.cards.content import card_id
from server.core.drone.answers import (
    AccountFound,
    BuildFound,
    BuildsFound,
    Failed,
    ReposFound,
    Result,
)
from server.core.drone.backfill import builds_of, horizon, repos_with_builds, with_first_page
from server.core.drone.poll_intervals import PollIntervals
from server.core.drone.poll_queue import PollQueue
from server.core.drone.query import ACCOUNT, REPOS, DroneQuery, DroneResponse, QueryKind
from server.core.drone.synthetic import synthesize_build
from server.core.instant import Instant
from server.core.model.repository import KnownRepo, settled
from server.services.ports import Store
from server.services.sync.open_builds import OpenBuilds
from server.services.sync.report import add_report
from server.services.sync.repositories import Repositories

log = logging.getLogger(__name__)

NEVER = datetime.max.replace(tzinfo=UTC)


class Backfill:
    """The builds that are missing; `begin` and `on_response` may raise StoreUnavailable."""

    kinds = frozenset({QueryKind.ACCOUNT, QueryKind.REPOS, QueryKind.BUILDS, QueryKind.MISSED})

    def __init__(
        self,
        store: Store,
        repos: Repositories,
        open_builds: OpenBuilds,
        queue: PollQueue,
        channel_id: str,
        intervals: PollIntervals,
    ) -> None:
        self._store = store
        self._channel_id = channel_id
        self._repos = repos
        self._open_builds = open_builds
        self._queue = queue
        self._intervals = intervals
        self._since = NEVER  # since when builds are shown
        self._is_admin: bool | None = None  # None: it is not known yet whose token it is
        self._is_requested = False
        self._is_whole = False  # the next list is for every repository, listed or not
        self._is_due = False
        self._begun_at = self._listed_at = float("-inf")
        self._absent: dict[str, int] = {}  # a build that Drone has not, by repository
        self._unlisted: set[str] = set()  # not among all the repositories that there are

    def request(self) -> None:
        """Let every open build and every repository be polled as soon as that can be."""
        self._is_requested = True

    def begin(self, now: Instant) -> None:
        """Poll them if that is due, and a webhook has named the server."""
        if self._since is NEVER:
            self._since = self._store.repos.since(self._channel_id, now.at)
        if self._is_requested and now.tick - self._begun_at >= self._intervals.backfill:
            self._open_builds.poll_all(now)
            log.info("Drone is asked for what webhooks may have missed.")
            self._is_requested, self._is_due, self._begun_at = False, True, now.tick
        if now.tick - self._listed_at >= self._intervals.all_repos:
            self._is_due = True
        if self._is_due and self._repos.system is not None and self._is_admin is not None:
            self._queue.put(REPOS, now.tick, self._intervals.repos, is_urgent=True)
            self._is_due, self._is_whole, self._listed_at = False, True, now.tick

    def on_report(self, known: KnownRepo | None, now: Instant) -> None:
        """Fetch builds that are missing before one that a webhook has reported."""
        if known is not None:
            # Their webhooks may come a little later than its own.
            self._fetch_missed(known, now.tick + self._intervals.unreported, now)

    def resolve(self, query: DroneQuery) -> DroneQuery | None:
        """Name the subject as Drone does now; None if there is nothing to query any more."""
        if query.kind is QueryKind.ACCOUNT:
            return query
        if query.kind is QueryKind.REPOS:
            return replace(query, is_admin=bool(self._is_admin))
        known = self._repos.get(query.subject)
        if known is None or known.is_deleted:
            return None
        if query.kind is QueryKind.BUILDS:
            return replace(query, slug=known.repo.slug)
        number = known.missed
        return replace(query, slug=known.repo.slug, number=number) if number else None

    def on_response(self, response: DroneResponse, now: Instant) -> None:
        """Learn from the account, from a list, or from a build that was missing."""
        query, result = response.query, response.result
        if isinstance(result, Failed):
            return  # the query stays in the queue
        if isinstance(result, AccountFound):
            self._queue.drop(ACCOUNT)
            self._is_admin = result.is_admin
        elif query.kind is QueryKind.REPOS:
            self._on_repos(query, result, now)
        else:
            self._queue.drop(DroneQuery(query.kind, query.subject))
            known = self._repos.get(query.subject)
            if known is not None:
                self._on_repo(known, query, result, now)

    def _on_repo(self, known: KnownRepo, query: DroneQuery, result: Result, now: Instant) -> None:
        if query.kind is QueryKind.BUILDS:
            self._on_builds(known, result, now)
        elif isinstance(result, BuildFound):
            self._on_missed(known, query.number, result, now)
        else:  # there is no such build, or the repository is not to be seen: a list shows which
            self._absent[known.id] = query.number
            self._fetch_page(known, now)
            return
        self._fetch_missed(self._repos.get(known.id) or known, now.tick, now)

    def _on_repos(self, query: DroneQuery, result: Result, now: Instant) -> None:
        self._queue.put(REPOS, now.tick + self._intervals.repos, self._intervals.repos)
        found = result if isinstance(result, ReposFound) else ReposFound(())
        due_at = now.tick if self._is_whole else now.tick + self._intervals.unreported
        listed: set[str] = set()
        for row in repos_with_builds(found):
            before = self._repos.find_polled(row.repo)
            known = self._repos.note_listed(row, now.at)
            if known is not None:
                listed.add(known.id)
                self._fetch_missed(known, due_at, now)
                if before is not None and known.repo.slug != before.repo.slug:
                    self._open_builds.poll_all(now, known.id)
        self._on_unlisted(listed, found, query.is_admin, now)
        self._is_whole = False

    def _on_unlisted(
        self, listed: set[str], found: ReposFound, is_admin: bool, now: Instant
    ) -> None:
        rest = [known for known in self._repos.polled() if known.id not in listed]
        is_all = is_admin and found.is_whole
        ids = {row.repo.id for row in found.repos}
        self._unlisted = {known.id for known in rest if is_all and known.repo.id not in ids}
        for known in rest:
            if known.id in self._unlisted and known.hidden_at is not None:
                self._delete(known, now)
            elif self._is_whole or known.id in self._unlisted:
                self._fetch_page(known, now)

    def _on_builds(self, known: KnownRepo, result: Result, now: Instant) -> None:
        absent = self._absent.pop(known.id, 0)
        found = result if isinstance(result, BuildsFound) else None
        page = builds_of(known.repo, found) if found else []
        is_unlisted = known.id in self._unlisted
        if found is None or (not page and (is_unlisted or found.builds)):
            # It is not to be seen, or its name is another's by now.
            self._repos.note_hidden(known, now.at)
            if is_unlisted:
                self._delete(known, now)
            elif absent:
                self._queue.put(REPOS, now.tick, self._intervals.repos, is_urgent=True)
            return
        self._repos.note_readable(known)
        before = self._repos.get(known.id) or known
        oldest = horizon(self._since, now.at)
        after = with_first_page(settled(before, absent, absent), page, oldest)
        if after != before:
            self._repos.put(after)

    def _on_missed(self, known: KnownRepo, number: int, found: BuildFound, now: Instant) -> None:
        if found.repo_id != known.repo.id:
            self._repos.put(settled(known, 1, known.last_number))  # its name is another's by now
        elif found.build.created < horizon(self._since, now.at):
            self._repos.put(settled(replace(known, is_readable=True), 1, number))
        else:
            state = found.state(known.system, known.repo)
            card = card_id(state, self._channel_id)
            add_report(synthesize_build(state, now.at), card, self._store.inbox)
            self._repos.put(settled(replace(known, is_readable=True), number, number))
            if now.tick - self._begun_at > self._intervals.silence:
                self.request()  # as its webhooks did, endings of others may have got lost

    def _fetch_missed(self, known: KnownRepo, due_at: float, now: Instant) -> None:
        query = DroneQuery(QueryKind.MISSED, known.id)
        if not known.missed or known.is_deleted or self._repos.is_hidden(known):
            self._queue.drop(query)
        elif due_at <= now.tick or query not in self._queue:
            is_urgent = bool(known.settled)  # of the rest nothing was ever reported
            self._queue.put(query, due_at, self._intervals.silence, is_urgent)

    def _fetch_page(self, known: KnownRepo, now: Instant) -> None:
        if not known.is_deleted:
            query = DroneQuery(QueryKind.BUILDS, known.id)
            self._queue.put(query, now.tick, self._intervals.silence)

    def _delete(self, known: KnownRepo, now: Instant) -> None:
        self._repos.note_deleted(known.id)
        self._open_builds.close_all(known.id, now.at)
