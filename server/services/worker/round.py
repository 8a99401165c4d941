"""The worker's round: hold the lease, note what came back, merge what arrived, send what is due.

One thread runs the rounds and reads and writes the store; requests go out on other threads and come
back as results. Only taking what was merged out of the inbox is left to another thread, while the
next batch is merged: the order of the two does not matter. Where Drone can be asked, each round
ends with that.
"""

import logging
import math
from collections.abc import Callable, Container
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from server.core.cards.card import Card, is_due
from server.core.cards.fairness import SenderFairness
from server.core.cards.move import Urgency
from server.core.cards.send_queue import QueueEntry, SendQueue, entry_of, kind_of
from server.core.discord.answers import Answer, Outcome, read_answer
from server.core.discord.rate_limits import RateLimits, RequestKind, Route
from server.errors import StoreUnavailable
from server.services.ports import Store
from server.services.sync.deletion import close_deleted
from server.services.sync.reconcile import Reconcile
from server.services.worker.batches import Batches, never_finished
from server.services.worker.deliver import Request, conclude, prepare
from server.services.worker.display import DisplayConfig
from server.services.worker.leadership import Leadership
from server.services.worker.merge import merge_batch
from server.services.worker.report import Running, WorkerReport, report

log = logging.getLogger(__name__)

# The send queue is read afresh this often, for cards that another process made due.
REREAD_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Instant:
    """Now: *at* for people and the store, *tick* in monotonic seconds for spans."""

    at: datetime
    tick: float


@dataclass(frozen=True, slots=True)
class Result:
    """A request that came back."""

    request: Request
    answer: Answer


class Later(Protocol):
    """What is done on another thread."""

    def result(self) -> None:
        """Wait until it is done; raise what it raised."""


class Worker:
    """The worker: its state between two rounds."""

    def __init__(
        self,
        store: Store,
        leadership: Leadership,
        display: DisplayConfig,
        jitter: Callable[[], float],
        submit: Callable[[Request], None],
        prepare_store: Callable[[], None],
        later: Callable[[Callable[[], None]], Later],
        reconcile: Reconcile | None = None,
    ) -> None:
        self._store = store
        self._prepare_store = prepare_store
        self._leadership = leadership
        self._display = display
        self._jitter = jitter
        self._submit = submit
        self._reconcile = reconcile
        self._rate_limits = RateLimits()
        self._queue = SendQueue()
        self._fairness = SenderFairness()
        self._running = Running()
        self._busy: set[str] = set()  # channels with a request in flight
        # Came back and not noted yet, each with what it means.
        self._results: list[tuple[Result, Outcome]] = []
        self._later = later
        self._batches = Batches(store.inbox)
        self._settling: Later | None = None
        self._read_at = 0.0
        self.store_is_away = False
        self._stopped = ""  # why nothing is sent, as it was logged last
        self._failed = self._dropped = 0
        self._has_begun = False  # since the lease was taken

    @property
    def in_flight(self) -> int:
        """Return how many requests are out or not noted yet."""
        return len(self._busy)

    def acts(self, now: Instant) -> bool:
        """Tell whether this worker holds the lease and may act."""
        return self._leadership.acts(now.tick)

    def hurry(self) -> None:
        """Look after the lease in the next round."""
        self._leadership.hurry()

    def next_at(self, now: Instant, urgencies: Container[Urgency]) -> float:
        """Return the tick from which the first card of *urgencies* may go, or infinity."""
        waiting = (entry for entry in self._queue if entry.urgency in urgencies)
        return min((self._ready_at(entry, now) for entry in waiting), default=math.inf)

    def round(self, results: list[Result], now: Instant, stopping: bool = False) -> bool:
        """Do all that can be done now; True if there is more to do at once.

        While *stopping*, nothing new is begun.
        """
        for result in results:
            request = result.request
            outcome = self._rate_limits.finish(
                request.route,
                result.answer,
                read_answer(result.answer),
                now.tick,
                self._jitter(),
                request.card_id,
                request.attempt.is_plain,
            )
            self._results.append((result, outcome))
        self._log_stop(now)
        try:
            more = self._round(now, stopping)
        except StoreUnavailable as error:
            if not self.store_is_away:
                log.error("MongoDB is away; the worker waits for it.", extra={"error": str(error)})
            self.store_is_away = True
            self._batches.restart()
            return False
        if self.store_is_away:
            log.info("MongoDB is back.")
            self.store_is_away = False
        return more

    def release(self, now: Instant) -> None:
        """Give the lease back at the end, when what was merged is out of the inbox."""
        try:
            self._await_settled()
            self._leadership.release(self._report(now).document(), now.at)
        except StoreUnavailable as error:
            log.warning("The lease lapses by itself.", extra={"error": str(error)})

    def _round(self, now: Instant, stopping: bool) -> bool:
        if self._leadership.keep(self._report(now).document(), now.at, now.tick):
            self._has_begun = False
        self._note(now)
        if stopping or not self._leadership.acts(now.tick):
            return False
        if not self._has_begun:
            self._begin(now)
        if now.tick - self._read_at >= REREAD_SECONDS:
            self._read_queue(now)
        more = self._merge(now)
        self._dispatch(now)
        if self._reconcile:
            self._reconcile.turn(now.at, now.tick)
        return more

    def _begin(self, now: Instant) -> None:
        self._prepare_store()
        self._batches.restart()
        if self._leadership.was_abandoned:
            self._batches.suspect()
        self._running = Running(self._store.cards.open())
        if self._reconcile:
            self._reconcile.begin(self._store.cards.open(), now.at, now.tick)
        self._read_queue(now)
        self._has_begun = True

    def _read_queue(self, now: Instant) -> None:
        self._queue = SendQueue(self._store.cards.due())
        self._failed = self._store.inbox.count_failed()
        self._dropped = self._store.cards.count_dropped()
        self._read_at = now.tick

    def _note(self, now: Instant) -> None:
        while self._results:
            result, outcome = self._results[0]
            card = conclude(
                result.request,
                result.answer,
                outcome,
                self._store.cards,
                self._display,
                now.at,
                self._jitter(),
            )
            self._results.pop(0)
            route = result.request.route
            self._busy.discard(route.channel_id)
            if card is not None and card.dropped:
                self._rate_limits.refusals.given_up(route.channel_id, route.kind)
            self._put(result.request.card_id, card)

    def _merge(self, now: Instant) -> bool:
        if not self._batches.is_read:
            self._await_settled()
        batch = self._batches.next()
        if not batch:
            return False
        if failures := never_finished(batch):
            self._store.inbox.settle([], failures, now.at)
            return True
        merged = merge_batch(batch, self._store, self._display, now.at)
        for card in merged.cards:
            self._put(card.id, card)
            self._running.put(card)
        close_deleted(merged.cards, self._store, now.at)
        if self._reconcile:
            self._reconcile.merged(merged.cards, now.at, now.tick)
        self._await_settled()
        self._settling = self._later(
            lambda: self._store.inbox.settle(merged.done, merged.failures, now.at)
        )
        return True

    def _await_settled(self) -> None:
        """Wait until what was merged is out of the inbox; raise StoreUnavailable if that failed."""
        settling, self._settling = self._settling, None
        if settling is not None:
            settling.result()

    def _dispatch(self, now: Instant) -> None:
        ready = [
            entry
            for channel_id in self._queue.channels()
            if channel_id not in self._busy
            and (
                entry := self._queue.next_in(
                    channel_id, now.at, self._open_kinds(now, channel_id), self._fairness.rank
                )
            )
        ]
        for entry in sorted(ready, key=lambda entry: (entry.urgency, entry.due_at)):
            if self._rate_limits.open_at(now.tick) > now.tick:
                break  # the limit on everything is reached
            self._send(entry, now)

    def _open_kinds(self, now: Instant, channel_id: str) -> frozenset[RequestKind]:
        return frozenset(
            kind
            for kind in RequestKind
            if self._rate_limits.ready_at(Route(channel_id, kind), now.tick) <= now.tick
        )

    def _ready_at(self, entry: QueueEntry, now: Instant) -> float:
        early = timedelta(0) if is_due(entry.due_at, now.at) else entry.due_at - now.at
        route = Route(entry.channel_id, kind_of(entry.move, entry.message_at, now.at))
        return max(now.tick + early.total_seconds(), self._rate_limits.ready_at(route, now.tick))

    def _send(self, entry: QueueEntry, now: Instant) -> None:
        card, request = prepare(
            entry,
            self._store.cards,
            self._store.texts,
            self._display,
            now.at,
            self._leadership.acts_until,
        )
        self._put(entry.card_id, card)
        if request is not None:
            self._fairness.note_served(entry)
            self._busy.add(entry.channel_id)
            self._rate_limits.begin(request.route, now.tick)
            # The lease may have been renewed while the card was read and written.
            self._submit(replace(request, valid_until=self._leadership.acts_until))

    def _log_stop(self, now: Instant) -> None:
        """Log once that all sending stops, and once that it goes on."""
        reason = self._rate_limits.stopped(now.tick)
        if reason == self._stopped:
            return
        self._stopped = reason
        if reason:
            log.error("All sending stops for a while.", extra={"reason": reason})
        else:
            log.info("Sending goes on.")

    def _put(self, card_id: str, card: Card | None) -> None:
        self._queue.put(card_id, entry_of(card) if card is not None else None)

    def _report(self, now: Instant) -> WorkerReport:
        known = (self._rate_limits, self._queue, self._display.channel_id, self._running)
        return replace(
            report(*known, now.at, now.tick),
            failed=self._failed,
            dropped=self._dropped,
            **(self._reconcile.report(now.tick) if self._reconcile else {}),
        )
