"""The present moment on two clocks, passed in as one argument."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Instant:
    """Now: *at* for people and the store, *tick* in monotonic seconds for durations."""

    at: datetime
    tick: float
