"""Look for builds that nobody told us of: regularly, and at once whenever webhooks may be lost.

Drone lists its repositories with the number of the newest build of each. Whatever is missing among
the numbers that we know is asked for, the newest first. What is older than a day or from before our
first start is history, and so is everything below it.
"""

import logging
from dataclasses import asdict, replace
from datetime import UTC, datetime

from server.core.drone.answers import REPOS_AT_MOST
from server.core.drone.listings import (
    horizon,
    read_page,
    read_repos,
    with_first_page,
)
from server.core.drone.payload import read_state
from server.core.drone.poll_queue import PollQueue
from server.core.drone.query import (
    REPOS,
    DroneQuery,
    DroneResponse,
    Meaning,
    QueryKind,
    read_meaning,
)
from server.core.drone.synthetic import Spans
from server.core.json_reader import flag, integer, rows
from server.core.model.repository import KnownRepo, settled
from server.services.ports import Store
from server.services.sync.open_builds import OpenBuilds
from server.services.sync.repositories import Repositories

log = logging.getLogger(__name__)

NEVER = datetime.max.replace(tzinfo=UTC)


class Backfill:
    """The builds that are missing; `begin` and `answered` may raise StoreUnavailable."""

    def __init__(
        self,
        store: Store,
        repos: Repositories,
        watch: OpenBuilds,
        schedule: PollQueue,
        channel_id: str,
        spans: Spans,
    ) -> None:
        self._store = store
        self._channel_id = channel_id
        self._repos = repos
        self._watch = watch
        self._schedule = schedule
        self._spans = spans
        self._since = NEVER  # since when builds are shown
        self._is_admin: bool | None = None  # None: it is not known yet whose token it is
        self._is_wanted = False
        self._is_whole = False  # the next list is for every repository, listed or not
        self._is_due = False
        self._asked_at = self._listed_at = float("-inf")
        self._absent: dict[str, int] = {}  # a build that Drone has not, by repository
        self._unlisted: set[str] = set()  # not among all the repositories that there are

    def want(self) -> None:
        """Let every open build and every repository be asked for as soon as that can be."""
        self._is_wanted = True

    def begin(self, now: datetime, tick: float) -> None:
        """Ask for them if that is due, and a webhook has named the server."""
        if self._since is NEVER:
            self._since = self._store.repos.since(self._channel_id, now)
        if self._is_wanted and tick - self._asked_at >= self._spans.again:
            self._watch.ask_all(tick)
            log.info("Drone is asked for what webhooks may have missed.")
            self._is_wanted, self._is_due, self._asked_at = False, True, tick
        if tick - self._listed_at >= self._spans.recent:
            self._is_due = True
        if self._is_due and self._repos.home is not None and self._is_admin is not None:
            self._schedule.put(REPOS, tick, self._spans.look, is_urgent=True)
            self._is_due, self._is_whole, self._listed_at = False, True, tick

    def know_account(self, reply: DroneResponse) -> None:
        """Learn which repositories the account may list."""
        self._is_admin = flag(reply.answer.body, "admin")

    def heard(self, known: KnownRepo | None, tick: float) -> None:
        """Look whether builds before the one that was heard of are missing."""
        if known is not None:
            # Their webhooks may come a little later than its own.
            self._look_for_missed(known, tick + self._spans.fresh, tick)

    def doubt(self, tick: float) -> None:
        """List the repositories now: one does not answer to its name any more."""
        self._schedule.put(REPOS, tick, self._spans.look, is_urgent=True)

    def resolve(self, question: DroneQuery) -> DroneQuery | None:
        """Name what is asked for as Drone does now; None if there is nothing to ask any more."""
        if question.kind is QueryKind.REPOS:
            return replace(question, is_admin=bool(self._is_admin))
        known = self._repos.named(question.subject)
        if known is None or known.is_deleted:
            return None
        if question.kind is QueryKind.BUILDS:
            return replace(question, slug=known.repo.slug)
        number = known.missed
        return replace(question, slug=known.repo.slug, number=number) if number else None

    def answered(self, reply: DroneResponse, now: datetime, tick: float) -> None:
        """Learn from a list, or from a build that was missing."""
        question, meaning = reply.question, read_meaning(reply)
        if meaning not in (Meaning.FOUND, Meaning.MISSING):
            return  # it stays in the schedule
        if question.kind is QueryKind.REPOS:
            self._read_repos(reply, now, tick)
            return
        self._schedule.drop(DroneQuery(question.kind, question.subject))
        known = self._repos.named(question.subject)
        if known is None:
            return
        if question.kind is QueryKind.BUILDS:
            self._read_page(known, reply, now, tick)
        elif meaning is Meaning.FOUND:
            self._read_missed(known, reply, now, tick)
        else:  # there is no such build, or the repository is not to be seen: a list tells
            self._absent[known.id] = question.number
            self._ask_page(known, tick)
            return
        self._look_for_missed(self._repos.named(known.id) or known, tick, tick)

    def _read_repos(self, reply: DroneResponse, now: datetime, tick: float) -> None:
        self._schedule.put(REPOS, tick + self._spans.look, self._spans.look)
        body = reply.answer.body if read_meaning(reply) is Meaning.FOUND else {}
        due_at = tick if self._is_whole else tick + self._spans.fresh
        listed: set[str] = set()
        for found in read_repos(body):
            slug = self._repos.slug_of(found.repo)
            known = self._repos.note_listed(found, now)
            if known is not None:
                listed.add(known.id)
                self._look_for_missed(known, due_at, tick)
                if known.repo.slug != slug:
                    self._watch.ask_all(tick, known.id)
        rest = [known for known in self._repos.at_home() if known.id not in listed]
        is_all = reply.question.is_admin and 0 < len(rows(body, "items")) < REPOS_AT_MOST
        ids = {integer(row, "id") for row in rows(body, "items")} if is_all else set()
        self._unlisted = {known.id for known in rest if is_all and known.repo.id not in ids}
        for known in rest:
            if known.id in self._unlisted and known.hidden_at is not None:
                self._delete(known, now)
            elif self._is_whole or known.id in self._unlisted:
                self._ask_page(known, tick)
        self._is_whole = False

    def _read_page(
        self, known: KnownRepo, reply: DroneResponse, now: datetime, tick: float
    ) -> None:
        absent = self._absent.pop(known.id, 0)
        body = reply.answer.body if read_meaning(reply) is Meaning.FOUND else None
        page = read_page(known.system, known.repo, body or {})
        is_unlisted = known.id in self._unlisted
        if body is None or (not page and (is_unlisted or rows(body, "items"))):
            # It is not to be seen, or its name is another's by now.
            self._repos.note_hidden(known, now)
            if is_unlisted:
                self._delete(known, now)
            elif absent:
                self.doubt(tick)
            return
        self._repos.note_readable(known)
        before = self._repos.named(known.id) or known
        after = with_first_page(settled(before, absent, absent), page, horizon(self._since, now))
        if after != before:
            self._repos.keep(after)

    def _read_missed(
        self, known: KnownRepo, reply: DroneResponse, now: datetime, tick: float
    ) -> None:
        body, number = reply.answer.body, reply.question.number
        place = {"system": asdict(known.system), "repo": asdict(known.repo)}
        state = read_state({**place, "build": body})
        if integer(body, "repo_id") != known.repo.id:
            self._repos.keep(settled(known, 1, known.last_number))  # its name is another's by now
        elif state.build.created < horizon(self._since, now):
            self._repos.keep(settled(replace(known, is_readable=True), 1, number))
        else:
            self._watch.pass_on(state, reply, now)
            self._repos.keep(settled(replace(known, is_readable=True), number, number))
            if tick - self._asked_at > self._spans.silence:
                self.want()  # as its webhooks did, endings of others may have got lost

    def _look_for_missed(self, known: KnownRepo, due_at: float, tick: float) -> None:
        question = DroneQuery(QueryKind.MISSED, known.id)
        if not known.missed or known.is_deleted or self._repos.is_hidden(known):
            self._schedule.drop(question)
        elif due_at <= tick or question not in self._schedule:
            is_urgent = bool(known.settled)  # the rest was never heard of
            self._schedule.put(question, due_at, self._spans.silence, is_urgent)

    def _ask_page(self, known: KnownRepo, tick: float) -> None:
        if not known.is_deleted:
            self._schedule.put(DroneQuery(QueryKind.BUILDS, known.id), tick, self._spans.silence)

    def _delete(self, known: KnownRepo, now: datetime) -> None:
        self._repos.note_deleted(known.id)
        self._watch.close_all(known.id, now)
