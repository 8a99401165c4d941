"""Dispatch: send what waits, one request a channel at a time, and note what came of each."""

import logging
import math
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from server.core.cards.card import Card, is_due
from server.core.cards.fairness import SenderFairness
from server.core.cards.move import Urgency
from server.core.cards.send_queue import QueueEntry, SendQueue, entry_of, kind_of
from server.core.discord.answers import Outcome, read_answer
from server.core.discord.rate_limits import RateLimits, RequestKind, Route
from server.core.http_answer import Answer
from server.core.instant import Instant
from server.services.ports import Store
from server.services.worker.deliver import conclude
from server.services.worker.display import DisplayConfig
from server.services.worker.request import Request, prepare

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Result:
    """A request that came back."""

    request: Request
    answer: Answer


class Dispatcher:
    """The send queue and the rate limits; what reads or writes cards may raise StoreUnavailable."""

    def __init__(
        self,
        store: Store,
        display: DisplayConfig,
        jitter: Callable[[], float],
        submit: Callable[[Request], None],
    ) -> None:
        self._store = store
        self._display = display
        self._jitter = jitter
        self._submit = submit
        self.rate_limits = RateLimits()
        self.queue = SendQueue()
        self._fairness = SenderFairness()
        self._busy: set[str] = set()  # channels with a request in flight
        # Came back and not noted yet, each with what it means.
        self._results: list[tuple[Result, Outcome]] = []
        self._stopped = ""  # why nothing is sent, as it was logged last

    @property
    def in_flight(self) -> int:
        """Return how many requests are out or not noted yet."""
        return len(self._busy)

    def next_at(self, now: Instant, urgencies: Container[Urgency]) -> float:
        """Return the tick from which the first card of *urgencies* may go, or infinity."""
        waiting = (entry for entry in self.queue if entry.urgency in urgencies)
        return min((self._ready_at(entry, now) for entry in waiting), default=math.inf)

    def reload(self, entries: Iterable[QueueEntry]) -> None:
        """Replace the send queue."""
        self.queue = SendQueue(entries)

    def put(self, card: Card) -> None:
        """Note what a card waits for now."""
        self.queue.put(card.id, entry_of(card))

    def receive(self, results: Iterable[Result], now: Instant) -> None:
        """Take the answers that came back into the rate limits."""
        for result in results:
            request = result.request
            outcome = self.rate_limits.finish(
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

    def note(self, now: Instant) -> None:
        """Note on the cards what came of the requests that came back."""
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
                self.rate_limits.refusals.given_up(route.channel_id, route.kind)
            self._put(result.request.card_id, card)

    def send(self, now: Instant, acts_until: Callable[[], float]) -> None:
        """Send what is due and allowed; nothing goes out after *acts_until*."""
        ready = [
            entry
            for channel_id in self.queue.channels()
            if channel_id not in self._busy
            and (
                entry := self.queue.next_in(
                    channel_id, now.at, self._open_kinds(now, channel_id), self._fairness.rank
                )
            )
        ]
        for entry in sorted(ready, key=lambda entry: (entry.urgency, entry.due_at)):
            if self.rate_limits.open_at(now.tick) > now.tick:
                break  # the limit on everything is reached
            self._send(entry, now, acts_until)

    def _open_kinds(self, now: Instant, channel_id: str) -> frozenset[RequestKind]:
        return frozenset(
            kind
            for kind in RequestKind
            if self.rate_limits.ready_at(Route(channel_id, kind), now.tick) <= now.tick
        )

    def _ready_at(self, entry: QueueEntry, now: Instant) -> float:
        early = timedelta(0) if is_due(entry.due_at, now.at) else entry.due_at - now.at
        route = Route(entry.channel_id, kind_of(entry.move, entry.message_at, now.at))
        return max(now.tick + early.total_seconds(), self.rate_limits.ready_at(route, now.tick))

    def _send(self, entry: QueueEntry, now: Instant, acts_until: Callable[[], float]) -> None:
        card, request = prepare(
            entry,
            self._store.cards,
            self._store.texts,
            self._display,
            now.at,
            acts_until(),
        )
        self._put(entry.card_id, card)
        if request is not None:
            self._fairness.note_served(entry)
            self._busy.add(entry.channel_id)
            self.rate_limits.begin(request.route, now.tick)
            # The lease may have been renewed while the card was read and written.
            self._submit(replace(request, valid_until=acts_until()))

    def _put(self, card_id: str, card: Card | None) -> None:
        self.queue.put(card_id, entry_of(card) if card is not None else None)

    def _log_stop(self, now: Instant) -> None:
        """Log once that all sending stops, and once that it goes on."""
        reason = self.rate_limits.stopped(now.tick)
        if reason == self._stopped:
            return
        self._stopped = reason
        if reason:
            log.error("All sending stops for a while.", extra={"reason": reason})
        else:
            log.info("Sending goes on.")
