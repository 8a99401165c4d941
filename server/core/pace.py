"""When the next question may go to Drone: five a second at most, few while something is wrong.

    well ──three times no answer──▶ away ──an answer──▶ well
      └────────── 401, 403 ───────▶ refused ──the account answers──▶ well

While something is wrong, only whose token it is is asked, with pauses that grow. Instants are
seconds of a monotonic clock.
"""

from enum import StrEnum, unique

from server.core.backoff import backoff
from server.core.inquiry import ACCOUNT, Meaning, Question

# Four in a second, so that five arrive at most when the way pushes two together.
SPACING_SECONDS = 0.25
# So many failures in a row, whatever was asked, are more than one sick build.
AWAY_AFTER = 3
# Longer than a question can take.
PROBE_SECONDS = 30.0


@unique
class Trouble(StrEnum):
    """What keeps us from asking."""

    NONE = ""
    AWAY = "no_answer"
    REFUSED = "token_refused"


class Pace:
    """What was asked and answered lately; it takes every instant from outside."""

    def __init__(self) -> None:
        self.trouble = Trouble.NONE
        self.since = 0.0  # when the trouble began
        self._not_before = float("-inf")
        self._failures = 0  # in a row

    def is_open(self, now: float) -> bool:
        """Tell whether a question may go."""
        return now >= self._not_before

    def begin(self, now: float) -> None:
        """Count a question that goes out now."""
        self._not_before = now + (PROBE_SECONDS if self.trouble else SPACING_SECONDS)

    def finish(self, question: Question, meaning: Meaning, now: float, jitter: float) -> None:
        """Learn from what came back."""
        if meaning is Meaning.REFUSED:
            self._failed(Trouble.REFUSED, now, jitter)
        elif meaning is Meaning.AWAY:
            if self._failures + 1 >= AWAY_AFTER or self.trouble:
                self._failed(Trouble.AWAY, now, jitter)
            else:
                self._failures += 1
        elif self.trouble is not Trouble.REFUSED or question == ACCOUNT:
            # Builds of public repositories answer to a wrong token as well.
            if self.trouble:
                self._not_before = now
            self._failures, self.trouble = 0, Trouble.NONE

    def _failed(self, trouble: Trouble, now: float, jitter: float) -> None:
        if not self.trouble:
            self.since = now
            self._failures = 0
        self.trouble = trouble
        self._failures += 1
        self._not_before = now + backoff(self._failures, jitter)
