"""The rate limit of queries to Drone: five a second at most, few while something is wrong.

    well ──no answer──▶ doubtful ──three in a row──▶ away ──an answer──▶ well
      └──────────── 401, 403 ──────────▶ refused ──the account answers──▶ well

While something is wrong or doubtful, only the account is queried, one query at a time.
Instants are seconds of a monotonic clock.
"""

from enum import StrEnum, unique

from server.core.backoff import backoff
from server.core.drone.answers import Away, Refused, Rejected, Result
from server.core.drone.query import ACCOUNT, DroneQuery

# Four in a second, so that five arrive at most when the way pushes two together.
SPACING_SECONDS = 0.25
# This many failures in a row, whatever was queried, are more than one sick build.
AWAY_AFTER = 3
# Longer than a query can take.
PROBE_SECONDS = 30.0
# At first an outage is most likely a restart, whose end people wait for.
YOUNG_SECONDS = 300.0
YOUNG_PAUSE = 5.0


@unique
class Trouble(StrEnum):
    """What keeps queries back."""

    NONE = ""
    AWAY = "no_answer"
    REFUSED = "token_refused"


class DroneRateLimit:
    """What was queried and answered lately; it takes every instant from outside."""

    def __init__(self) -> None:
        self.trouble = Trouble.NONE
        self.since = 0.0  # when the first of the failures in a row came
        self._not_before = float("-inf")
        self._failures = 0  # in a row

    @property
    def is_doubtful(self) -> bool:
        """Tell whether it has to be found out first that Drone answers."""
        return self._failures > 0

    def is_open(self, now: float) -> bool:
        """Tell whether a query may go."""
        return now >= self._not_before

    def begin(self, now: float) -> None:
        """Count a query that goes out now."""
        self._not_before = now + (PROBE_SECONDS if self.is_doubtful else SPACING_SECONDS)

    def finish(self, query: DroneQuery, result: Result, now: float, jitter: float) -> None:
        """Learn from what came back."""
        if isinstance(result, Refused):
            self._failed(Trouble.REFUSED, now, jitter)
        elif isinstance(result, Rejected | Away):
            is_away = self._failures + 1 >= AWAY_AFTER or bool(self.trouble)
            self._failed(Trouble.AWAY if is_away else Trouble.NONE, now, jitter)
        elif self.trouble is not Trouble.REFUSED or query == ACCOUNT:
            # Builds of public repositories answer to a wrong token as well.
            if self.is_doubtful:
                self._not_before = now
            self._failures, self.trouble = 0, Trouble.NONE

    def _failed(self, trouble: Trouble, now: float, jitter: float) -> None:
        if not self.is_doubtful:
            self.since = now
        self.trouble = trouble
        self._failures += 1
        pause = backoff(self._failures, jitter)
        if trouble is not Trouble.REFUSED and now - self.since < YOUNG_SECONDS:
            pause = min(pause, YOUNG_PAUSE)
        self._not_before = now + pause
