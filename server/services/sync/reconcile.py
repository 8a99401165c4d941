"""Reconcile what is known of builds with Drone's API, where webhooks were lost or never sent.

The worker's round is the only one that touches the store; queries go out on other threads and come
back as responses. What Drone answers goes into the inbox and the way of every webhook from there.
Nothing of the worker waits for any of this.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from server.core.backoff import REPORTED_AFTER_SECONDS
from server.core.cards.card import Card
from server.core.drone.answers import Failed
from server.core.drone.poll_intervals import INTERVALS, PollIntervals
from server.core.drone.poll_queue import PollQueue
from server.core.drone.query import ACCOUNT, DroneQuery, DroneResponse, QueryKind
from server.core.drone.rate_limits import DroneRateLimit, Trouble
from server.core.instant import Instant
from server.core.model.account import AccountEvent
from server.core.model.build import BuildState
from server.errors import StoreUnavailable
from server.services.ports import Store
from server.services.sync.backfill import Backfill
from server.services.sync.deletion import REPO_DELETED
from server.services.sync.open_builds import OpenBuilds
from server.services.sync.outages import Outages
from server.services.sync.repositories import Repositories
from server.services.sync.step_logs import LogPolicy, StepLogs

log = logging.getLogger(__name__)

# The most queries that wait for Drone at a time, so that a slow one is queried less.
IN_FLIGHT = 4
NO_LOGS = LogPolicy()


class Poller(Protocol):
    """One part: it puts queries into the queue, and learns from the responses."""

    @property
    def kinds(self) -> frozenset[QueryKind]:
        """Return the kinds of its queries."""

    def resolve(self, query: DroneQuery) -> DroneQuery | None:
        """Complete a query that is due; None if it is not needed any more."""

    def on_response(self, response: DroneResponse, now: Instant) -> None:
        """Learn from a response; may raise StoreUnavailable."""


class Reconcile:
    """Everything that is queried of Drone; `begin` and `poll` may raise StoreUnavailable."""

    def __init__(
        self,
        store: Store,
        authority: str,
        channel_id: str,
        submit: Callable[[DroneQuery], None],
        collect: Callable[[], list[DroneResponse]],
        jitter: Callable[[], float],
        log_policy: LogPolicy = NO_LOGS,
        intervals: PollIntervals = INTERVALS,
    ) -> None:
        self._submit = submit
        self._collect = collect
        self._jitter = jitter
        self._intervals = intervals
        self._rate_limit = DroneRateLimit()
        self._queue = queue = PollQueue(intervals.longest)
        self._repos = repos = Repositories(store.repos, authority)
        self._outages = Outages(store.heartbeat, intervals.outage)
        self._open_builds = OpenBuilds(store.inbox, repos, queue, intervals)
        self._step_logs = StepLogs(store.inbox, repos, queue, log_policy, intervals)
        self._backfill = Backfill(store, repos, self._open_builds, queue, channel_id, intervals)
        pollers: tuple[Poller, ...] = (self._open_builds, self._step_logs, self._backfill)
        self._pollers = {kind: poller for poller in pollers for kind in poller.kinds}
        self._responses: list[DroneResponse] = []  # came back and not noted yet
        self._in_flight = 0

    def begin(self, unfinished: Iterable[Card], now: Instant) -> None:
        """Take over; what happened meanwhile is backfilled if it was long."""
        self._repos.load()
        self._open_builds.clear()
        for card in unfinished:
            content = card.content
            if isinstance(content, BuildState) and self._repos.find(content) is None:
                self._repos.note_report(content, now.at)
            self._on_card(card, now)
        self._queue.put(ACCOUNT, now.tick, self._intervals.silence, is_urgent=True)
        if self._outages.has_worker_returned(now):
            self._backfill.request()

    def on_merged(self, cards: Sequence[Card], now: Instant) -> None:
        """Note what the worker has merged."""
        for card in cards:
            content = card.content
            if isinstance(content, BuildState):
                self._repos.note_report(content, now.at)
                self._on_card(card, now)
                self._backfill.on_report(self._repos.find(content), now)
            elif isinstance(content, AccountEvent) and content.event == REPO_DELETED:
                self._repos.note_deleted(f"{content.system.host}/{content.subject_id}")

    def poll(self, now: Instant) -> None:
        """Note what came back, and send the query that is due."""
        came = self._collect()
        self._in_flight -= len(came)
        for response in came:
            self._note_rate(response, now)
        self._responses += came
        while self._responses:
            self._note_safely(self._responses[0], now)
            self._responses.pop(0)
        self._repos.save()
        if self._outages.has_worker_returned(now):
            self._backfill.request()
        if self._outages.has_server_returned(now):
            self._backfill.request()
        self._backfill.begin(now)
        if self._in_flight < IN_FLIGHT and self._rate_limit.is_open(now.tick):
            self._send(now)

    def report(self, now: Instant) -> dict[str, Any]:
        """Return how Drone is, for /health."""
        trouble = self._rate_limit.trouble
        seconds = int(now.tick - self._rate_limit.since) if trouble else 0
        is_short = trouble is Trouble.AWAY and seconds < REPORTED_AFTER_SECONDS
        return {"drone": "ok" if is_short else trouble.value or "ok", "drone_seconds": seconds}

    def _on_card(self, card: Card, now: Instant) -> None:
        self._open_builds.on_card(card, now)
        self._step_logs.on_card(card, now)

    def _send(self, now: Instant) -> None:
        query = ACCOUNT if self._rate_limit.is_doubtful else self._due(now)
        if query is not None:
            self._rate_limit.begin(now.tick)
            self._in_flight += 1
            self._submit(query)

    def _due(self, now: Instant) -> DroneQuery | None:
        while (query := self._queue.take(now.tick)) is not None:
            resolved = self._pollers[query.kind].resolve(query)
            if resolved is not None:
                return resolved
            self._queue.drop(query)
        return None

    def _note_rate(self, response: DroneResponse, now: Instant) -> None:
        before, result = self._rate_limit.trouble, response.result
        self._rate_limit.finish(response.query, result, now.tick, self._jitter())
        trouble = self._rate_limit.trouble
        if trouble is before:
            return
        if not isinstance(result, Failed):
            log.info("Drone answers again.")
            self._backfill.request()
            return
        variables = {"status": result.status, "error": result.error}
        if trouble is Trouble.REFUSED:
            log.error("Drone refuses the token; what webhooks miss is not read.", extra=variables)
        else:
            log.warning("Drone does not answer; what webhooks miss is read later.", extra=variables)

    def _note_safely(self, response: DroneResponse, now: Instant) -> None:
        try:
            self._pollers[response.query.kind].on_response(response, now)
        except StoreUnavailable:
            raise
        except Exception as error:  # what Drone says must not stop the worker
            variables = {"kind": response.query.kind.value, "reason": type(error).__name__}
            log.error("An answer of Drone's cannot be read.", extra=variables, exc_info=error)
