"""The worker's round: hold the lease, note what came back, merge what arrived, send what is due.

One thread runs the rounds and reads and writes the store; requests go out on other threads and come
back as results. Only taking what was merged out of the inbox is left to another thread, while the
next batch is merged: the order of the two does not matter. Where Drone can be asked, each round
ends with that.
"""

import logging
from collections.abc import Callable
from dataclasses import replace

from server.core.instant import Instant
from server.errors import StoreUnavailable
from server.services.ports import Later, Store
from server.services.sync.deletion import close_deleted
from server.services.sync.reconcile import Reconcile
from server.services.worker.batches import Batches, never_finished
from server.services.worker.dispatch import Dispatcher, Result
from server.services.worker.display import DisplayConfig
from server.services.worker.leadership import Leadership
from server.services.worker.merge import merge_batch
from server.services.worker.report import Running, WorkerReport, report

log = logging.getLogger(__name__)

# The send queue is read afresh this often, for cards that another process made due.
REREAD_SECONDS = 5.0


class Worker:
    """The worker: its state between two rounds."""

    def __init__(
        self,
        store: Store,
        leadership: Leadership,
        display: DisplayConfig,
        dispatcher: Dispatcher,
        prepare_store: Callable[[], None],
        later: Callable[[Callable[[], None]], Later],
        reconcile: Reconcile | None = None,
    ) -> None:
        self._store = store
        self._prepare_store = prepare_store
        self._leadership = leadership
        self._display = display
        self._reconcile = reconcile
        self._dispatcher = dispatcher
        self._running = Running()
        self._later = later
        self._batches = Batches(store.inbox)
        self._settling: Later | None = None
        self._read_at = 0.0
        self.store_is_away = False
        self._failed = self._dropped = 0
        self._has_begun = False  # since the lease was taken

    def acts(self, now: Instant) -> bool:
        """Tell whether this worker holds the lease and may act."""
        return self._leadership.acts(now.tick)

    def hurry(self) -> None:
        """Look after the lease in the next round."""
        self._leadership.hurry()

    def round(self, results: list[Result], now: Instant, stopping: bool = False) -> bool:
        """Do all that can be done now; True if there is more to do at once.

        While *stopping*, nothing new is begun.
        """
        self._dispatcher.receive(results, now)
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
        self._dispatcher.note(now)
        if stopping or not self._leadership.acts(now.tick):
            return False
        if not self._has_begun:
            self._begin(now)
        if now.tick - self._read_at >= REREAD_SECONDS:
            self._read_queue(now)
        more = self._merge(now)
        self._dispatcher.send(now, lambda: self._leadership.acts_until)
        if self._reconcile:
            self._reconcile.poll(now)
        return more

    def _begin(self, now: Instant) -> None:
        self._prepare_store()
        self._batches.restart()
        if self._leadership.was_abandoned:
            self._batches.suspect()
        self._running = Running(self._store.cards.open())
        if self._reconcile:
            self._reconcile.begin(self._store.cards.open(), now)
        self._read_queue(now)
        self._has_begun = True

    def _read_queue(self, now: Instant) -> None:
        self._dispatcher.reload(self._store.cards.due())
        self._failed = self._store.inbox.count_failed()
        self._dropped = self._store.cards.count_dropped()
        self._read_at = now.tick

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
            self._dispatcher.put(card)
            self._running.put(card)
        close_deleted(merged.cards, self._store, now.at)
        if self._reconcile:
            self._reconcile.on_merged(merged.cards, now)
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

    def _report(self, now: Instant) -> WorkerReport:
        known = (self._dispatcher.rate_limits, self._dispatcher.queue, self._display.channel_id)
        return replace(
            report(*known, self._running, now.at, now.tick),
            failed=self._failed,
            dropped=self._dropped,
            **(self._reconcile.report(now) if self._reconcile else {}),
        )
