"""Hold the lease, or wait for it."""

import logging
from collections.abc import Mapping
from datetime import datetime
from threading import Lock
from typing import Any

from server.core.lease import ACTING_SHARE, Lease, ObservedLease, may_take, observe
from server.services.ports import Leases

log = logging.getLogger(__name__)

NAME = "worker"

# A standby looks at least this often, to see a lease that was given back.
LOOK_SECONDS = 1.5


class Leadership:
    """One worker's view of the lease; every method but `acts` may raise StoreUnavailable.

    A round may take longer than the lease lasts, so another thread may call `renew` meanwhile.
    """

    def __init__(self, leases: Leases, me: str, span_seconds: float) -> None:
        self._leases = leases
        self._me = me
        self._span = span_seconds
        self._held: Lease | None = None
        self._sighting: ObservedLease | None = None
        self._renewed_at = 0.0
        self._looked_at = float("-inf")
        self._report: Mapping[str, Any] = {}
        self.was_abandoned = False  # whether the holder before this one did not give the lease back
        self._lock = Lock()

    def acts(self, tick: float) -> bool:
        """Tell whether this worker may act now."""
        return self._held is not None and tick < self.acts_until

    @property
    def acts_until(self) -> float:
        """Return the tick until which this worker may act without another renewal."""
        return self._renewed_at + self._span * ACTING_SHARE

    def keep(self, report: Mapping[str, Any], now: datetime, tick: float) -> bool:
        """Renew the lease, or try to take it, if it is time; True if it was just taken."""
        with self._lock:
            self._report = report
            if not self._is_time(tick):
                return False
            if self._held is not None:
                self._renew(self._held, report, now, tick)
                return False
            return self._take(report, now, tick)

    def renew(self, now: datetime, tick: float) -> None:
        """Renew the lease if it is held and if it is time, with the last report that `keep` got."""
        with self._lock:
            if self._held is not None and self._is_time(tick):
                self._renew(self._held, self._report, now, tick)

    def hurry(self) -> None:
        """Look after the lease at the next `keep`, however short ago the last look was."""
        self._looked_at = float("-inf")

    def release(self, report: Mapping[str, Any], now: datetime) -> None:
        """Give the lease back, so that a standby need not wait."""
        with self._lock:
            if self._held is not None:
                self._pass_on(self._held, "", report, now)
                self._held = None

    @property
    def look_seconds(self) -> float:
        """Return how often the lease is looked after."""
        return min(self._span / 4, LOOK_SECONDS)

    def _is_time(self, tick: float) -> bool:
        if tick - self._looked_at < self.look_seconds:
            return False
        self._looked_at = tick
        return True

    def _renew(self, held: Lease, report: Mapping[str, Any], now: datetime, tick: float) -> None:
        self._held = self._pass_on(held, self._me, report, now)
        if self._held is not None:
            self._renewed_at = tick
        else:
            log.warning("Another worker holds the lease now; this one stands by.")

    def _pass_on(
        self, held: Lease, holder: str, report: Mapping[str, Any], now: datetime
    ) -> Lease | None:
        """Write the lease that this worker holds over to *holder*; None if it was lost."""
        lease = Lease(holder, held.beat + 1, now)
        if self._leases.write(NAME, lease, report, over=held):
            return lease
        found = self._leases.read(NAME)
        if found is None or found[0].holder != self._me:
            return None
        # An earlier write of ours arrived and its answer did not. Others count our silence from
        # that one, so it has to be followed by another.
        lease = Lease(holder, found[0].beat + 1, now)
        return lease if self._leases.write(NAME, lease, report, over=found[0]) else None

    def _take(self, report: Mapping[str, Any], now: datetime, tick: float) -> bool:
        found = self._leases.read(NAME)
        beat = 1
        if found is not None:
            self._sighting = observe(self._sighting, found[0], tick)
            if not may_take(self._sighting, self._me, tick, self._span):
                return False
            beat = found[0].beat + 1
        lease = Lease(self._me, beat, now)
        if not self._leases.write(NAME, lease, report, over=found[0] if found else None):
            return False
        self._held, self._renewed_at, self._sighting = lease, tick, None
        self.was_abandoned = found is not None and found[0].holder != ""
        log.info("This worker holds the lease.", extra={"holder": self._me})
        return True
