"""Read the truth again from Drone's API, where webhooks were lost or never sent.

The worker's round is the only one that touches the store; questions go out on other threads and
come back as replies. What Drone answers goes into the inbox and the way of every webhook from
there. Nothing of the worker waits for any of this.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from server.core.backoff import REPORTED_AFTER_SECONDS
from server.core.cards.card import Card
from server.core.drone.poll_queue import PollQueue
from server.core.drone.query import (
    ACCOUNT,
    DroneQuery,
    DroneResponse,
    Meaning,
    QueryKind,
    read_meaning,
)
from server.core.drone.rate_limits import DroneRateLimit, Trouble
from server.core.drone.synthetic import SPANS, Spans
from server.core.model.account import AccountEvent
from server.core.model.build import BuildState
from server.errors import StoreUnavailable
from server.services.ports import Store
from server.services.sync.backfill import Backfill
from server.services.sync.deletion import REPO_DELETED
from server.services.sync.open_builds import OpenBuilds
from server.services.sync.repositories import Repositories
from server.services.sync.step_logs import LogPolicy, StepLogs

log = logging.getLogger(__name__)

# A slow Drone is asked less: so many questions wait for it at a time.
IN_FLIGHT = 4
NO_LOGS = LogPolicy()
# So often it is looked whether the server was away.
LOOK_SECONDS = 1.0
START_OF_TIME = datetime.min.replace(tzinfo=UTC)


class Reconcile:
    """Everything that is asked of Drone; `begin` and `turn` may raise StoreUnavailable."""

    def __init__(
        self,
        store: Store,
        authority: str,
        channel_id: str,
        submit: Callable[[DroneQuery], None],
        collect: Callable[[], list[DroneResponse]],
        jitter: Callable[[], float],
        wish: LogPolicy = NO_LOGS,
        spans: Spans = SPANS,
    ) -> None:
        self._submit = submit
        self._collect = collect
        self._jitter = jitter
        self._store = store
        self._spans = spans
        self._pace = DroneRateLimit()
        self._schedule = PollQueue(spans.longest)
        self._repos = Repositories(store.repos, authority)
        self._watch = OpenBuilds(store, self._repos, self._schedule, channel_id, spans)
        self._survey = Backfill(store, self._repos, self._watch, self._schedule, channel_id, spans)
        self._tails = StepLogs(store, self._repos, self._schedule, wish, spans)
        self._replies: list[DroneResponse] = []  # came back and not noted yet
        self._in_flight = 0
        self._seen_at = START_OF_TIME  # the last round that could do its work
        self._looked_at = float("-inf")
        self._returns: int | None = None  # how often the server has come back

    def begin(self, unfinished: Iterable[Card], now: datetime, tick: float) -> None:
        """Take over; what happened meanwhile is looked for if it was long."""
        self._repos.begin()
        self._watch.forget_all()
        for card in unfinished:
            content = card.content
            if isinstance(content, BuildState) and self._repos.find(content) is None:
                self._repos.note(content, now)
            self._watch.heard(card, now, tick)
            self._tails.heard(card, tick)
        self._schedule.put(ACCOUNT, tick, self._spans.silence, is_urgent=True)
        self._look_around(now)

    def merged(self, cards: Sequence[Card], now: datetime, tick: float) -> None:
        """Take note of what the worker has merged."""
        for card in cards:
            content = card.content
            if isinstance(content, BuildState):
                self._repos.note(content, now)
                self._watch.heard(card, now, tick)
                self._tails.heard(card, tick)
                self._survey.heard(self._repos.find(content), tick)
            elif isinstance(content, AccountEvent) and content.event == REPO_DELETED:
                self._repos.note_deleted(f"{content.system.host}/{content.subject_id}")

    def turn(self, now: datetime, tick: float) -> None:
        """Note what came back, and ask what is due."""
        came = self._collect()
        self._in_flight -= len(came)
        for reply in came:
            self._learn(reply, tick)
        self._replies += came
        while self._replies:
            self._note_safely(self._replies[0], now, tick)
            self._replies.pop(0)
        self._repos.save()
        self._look_around(now)
        self._look_at_server(tick)
        self._survey.begin(now, tick)
        if self._in_flight < IN_FLIGHT and self._pace.is_open(tick):
            self._ask(tick)

    def report(self, tick: float) -> dict[str, Any]:
        """Return how Drone is, for /health."""
        trouble = self._pace.trouble
        seconds = int(tick - self._pace.since) if trouble else 0
        is_short = trouble is Trouble.AWAY and seconds < REPORTED_AFTER_SECONDS
        return {"drone": "ok" if is_short else trouble.value or "ok", "drone_seconds": seconds}

    def _look_around(self, now: datetime) -> None:
        """Ask for everything if nobody has listened for a while, or ever."""
        if (now - self._seen_at).total_seconds() > self._spans.gap:
            self._survey.want()
        self._seen_at = now

    def _look_at_server(self, tick: float) -> None:
        """Ask for everything if no server was there to take webhooks, and one is again."""
        if tick < self._looked_at + LOOK_SECONDS:
            return
        self._looked_at = tick
        returns = self._store.heartbeat.returns()
        if self._returns not in (None, returns):
            log.info("The server is back.")
            self._survey.want()
        self._returns = returns

    def _ask(self, tick: float) -> None:
        question = ACCOUNT if self._pace.is_doubtful else self._due(tick)
        if question is not None:
            self._pace.begin(tick)
            self._in_flight += 1
            self._submit(question)

    def _due(self, tick: float) -> DroneQuery | None:
        while (question := self._schedule.take(tick)) is not None:
            resolved = self._resolve(question)
            if resolved is not None:
                return resolved
            self._schedule.drop(question)
        return None

    def _resolve(self, question: DroneQuery) -> DroneQuery | None:
        match question.kind:
            case QueryKind.BUILD | QueryKind.REPO:
                return self._watch.resolve(question)
            case QueryKind.REPOS | QueryKind.BUILDS | QueryKind.MISSED:
                return self._survey.resolve(question)
            case QueryKind.LOG:
                return self._tails.resolve(question)
        return question

    def _learn(self, reply: DroneResponse, tick: float) -> None:
        before = self._pace.trouble
        self._pace.finish(reply.question, read_meaning(reply), tick, self._jitter())
        trouble = self._pace.trouble
        if trouble is before:
            return
        variables = {"status": reply.answer.status, "error": reply.answer.error}
        if trouble is Trouble.NONE:
            log.info("Drone answers again.")
            self._survey.want()
        elif trouble is Trouble.REFUSED:
            log.error("Drone refuses the token; what webhooks miss is not read.", extra=variables)
        else:
            log.warning("Drone does not answer; what webhooks miss is read later.", extra=variables)

    def _note_safely(self, reply: DroneResponse, now: datetime, tick: float) -> None:
        try:
            self._note(reply, now, tick)
        except StoreUnavailable:
            raise
        except Exception as error:  # what Drone says must not stop the worker
            variables = {"kind": reply.question.kind.value, "reason": type(error).__name__}
            log.error("An answer of Drone's cannot be read.", extra=variables, exc_info=error)

    def _note(self, reply: DroneResponse, now: datetime, tick: float) -> None:
        match reply.question.kind:
            case QueryKind.ACCOUNT:
                if read_meaning(reply) is Meaning.FOUND:
                    self._schedule.drop(ACCOUNT)
                    self._survey.know_account(reply)
            case QueryKind.BUILD | QueryKind.REPO:
                if not self._watch.answered(reply, now, tick):
                    self._survey.doubt(tick)
            case QueryKind.REPOS | QueryKind.BUILDS | QueryKind.MISSED:
                self._survey.answered(reply, now, tick)
            case QueryKind.LOG:
                self._tails.answered(reply, now)
