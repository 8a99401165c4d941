"""The log of refused requests: of each reason the first few in a minute, then how many more.

Anyone can send requests that are refused, at any rate; a line for each would fill the disk.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

log = logging.getLogger(__name__)

MINUTE = timedelta(minutes=1)
LOGGED_EACH = 5


@dataclass(slots=True)
class _Minute:
    began_at: datetime
    count: int = 0

    def is_over(self, now: datetime) -> bool:
        # A clock that was set back must not make a minute last for ever.
        return not self.began_at <= now < self.began_at + MINUTE


class RefusalLog:
    """Count refusals by their reason, for one process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._minutes: dict[str, _Minute] = {}

    def note(self, reason: str, now: datetime) -> None:
        """Count one more; *reason* is a constant."""
        self.sum_up(now)
        with self._lock:
            minute = self._minutes.setdefault(reason, _Minute(now))
            minute.count += 1
            is_logged = minute.count <= LOGGED_EACH
        if is_logged:
            log.info("Request refused.", extra={"reason": reason})

    def sum_up(self, now: datetime) -> None:
        """Log how many were not logged, of minutes that are over."""
        with self._lock:
            over = {why: one for why, one in self._minutes.items() if one.is_over(now)}
            for reason in over:
                del self._minutes[reason]
        for reason, minute in over.items():
            if minute.count > LOGGED_EACH:
                more = minute.count - LOGGED_EACH
                log.info("More requests were refused.", extra={"reason": reason, "count": more})
