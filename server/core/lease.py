"""Who may act: one worker at a time, by a lease that lapses when its holder falls silent.

Silence is measured by the one who waits, on its own monotonic clock: it has seen the same beat for
the whole span. Clocks that differ or jump can therefore neither steal a lease nor keep one.

    free ──take──▶ held ──beat, beat, beat──▶ held ──release──▶ free
                     └────── silent for the span ──▶ taken by who waits
"""

from dataclasses import dataclass
from datetime import datetime

# A holder stops acting this share of the span after its last renewal, well before another may take
# over.
ACTING_SHARE = 0.75


@dataclass(frozen=True, slots=True)
class Lease:
    """The lease as it stands in the store; a *holder* of "" has given it back."""

    holder: str
    beat: int  # goes up with every sign of life
    renewed_at: datetime  # by the store's clock, for people and /health; decides nothing


@dataclass(frozen=True, slots=True)
class ObservedLease:
    """A lease that somebody else holds, and when its beat was first seen (monotonic seconds)."""

    lease: Lease
    seen_at: float


def observe(sighting: ObservedLease | None, lease: Lease, tick: float) -> ObservedLease:
    """Remember how long the lease has not moved."""
    if sighting is not None and (sighting.lease.holder, sighting.lease.beat) == (
        lease.holder,
        lease.beat,
    ):
        return sighting
    return ObservedLease(lease, tick)


def may_take(sighting: ObservedLease, me: str, tick: float, span_seconds: float) -> bool:
    """Tell whether *me* may take the lease that was sighted."""
    if sighting.lease.holder in ("", me):
        return True
    return tick - sighting.seen_at >= span_seconds
