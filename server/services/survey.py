"""Look for builds that nobody told us of: at the start, after a gap, after a drain, now and then.

Not older than a day, and never from before our first start: that one only notes where it stands.
"""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from server.core.delivery import Delivery
from server.core.inquiry import RECENT, Kind, Meaning, Question, Reply, read_meaning
from server.core.schedule import Schedule
from server.core.territory import goes_on, horizon, read_newest, read_page, within
from server.core.watch import Spans
from server.services.known_repos import KnownRepos
from server.services.ports import Store
from server.services.watch import Watch

log = logging.getLogger(__name__)

NEVER = datetime.max.replace(tzinfo=UTC)


class Survey:
    """The lists of builds that are asked for; `begin` and `answered` may raise StoreUnavailable."""

    def __init__(
        self,
        store: Store,
        repos: KnownRepos,
        watch: Watch,
        schedule: Schedule,
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
        self._is_wanted = False
        self._begun_at = float("-inf")

    def want(self) -> None:
        """Let the recent builds of every repository be asked for as soon as that can be."""
        self._is_wanted = True

    def begin(self, now: datetime, tick: float) -> None:
        """Ask for them if that is wanted, and a webhook has named the server."""
        if not self._is_wanted:
            return
        if self._since is NEVER:
            self._since = self._store.repos.since(self._channel_id, now)
        if self._repos.home is None:
            return
        self._is_wanted = False
        self._begun_at = tick
        self._schedule.put(RECENT, tick, self._spans.silence)
        for known in self._repos.at_home():
            self._list(known.id, 1, tick)
        log.info("Drone is asked for the builds of the last day.")

    def noticed(self, deliveries: Sequence[Delivery], now: datetime, tick: float) -> None:
        """Look around when webhooks come late: MongoDB or the way to it was down for a while."""
        waited = max(
            (
                (now - delivery.received_at).total_seconds()
                for delivery in deliveries
                if delivery.event.startswith("build:")
            ),
            default=0.0,
        )
        if waited > self._spans.gap and tick - self._begun_at > self._spans.recent:
            self.want()

    def answered(self, reply: Reply, now: datetime, tick: float) -> None:
        """Find the builds in a list that have no card, and where to look on."""
        question, meaning = reply.question, read_meaning(reply)
        if meaning not in (Meaning.FOUND, Meaning.MISSING):
            return  # it stays in the schedule
        if question.kind is Kind.RECENT:
            self._schedule.put(RECENT, tick + self._spans.recent, self._spans.silence)
            if meaning is Meaning.FOUND:
                self._read_newest(reply, now, tick)
        else:
            if meaning is Meaning.FOUND:
                self._read_page(reply, now, tick)
            self._schedule.drop(question)

    def resolve(self, question: Question) -> Question | None:
        """Name the repository as Drone does now; None if it is not known any more."""
        known = self._repos.named(question.subject)
        return replace(question, slug=known.repo.slug) if known else None

    def _read_newest(self, reply: Reply, now: datetime, tick: float) -> None:
        home = self._repos.home
        if home is None or not self._repos.is_proved:
            return  # another server's repositories may have any ids and names
        newest = read_newest(home, reply.answer.body)
        for state in newest:
            self._repos.note(state, now)
        for state in self._watch.discover(within(newest, horizon(self._since, now)), tick):
            known = self._repos.find(state)
            if known is not None:
                self._list(known.id, 1, tick)

    def _read_page(self, reply: Reply, now: datetime, tick: float) -> None:
        known = self._repos.named(reply.question.subject)
        if known is None:
            return
        listed = read_page(known.system, known.repo, reply.answer.body)
        if listed:
            self._repos.note_readable(listed[0])
        recent = within(listed, horizon(self._since, now))
        unheard = self._watch.discover(recent, tick)
        page = reply.question.number
        if goes_on(page, len(listed), len(recent), len(unheard)):
            self._list(known.id, page + 1, tick)

    def _list(self, key: str, page: int, tick: float) -> None:
        self._schedule.put(Question(Kind.BUILDS, key, number=page), tick, self._spans.silence)
