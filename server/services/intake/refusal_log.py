"""Tell the log of refused requests: of each reason the first few in a minute, then how many more.

Anybody can have requests refused, as fast as they like; a line for each would fill the disk.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

log = logging.getLogger(__name__)

MINUTE = timedelta(minutes=1)
TOLD_EACH = 5


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
            is_told = minute.count <= TOLD_EACH
        if is_told:
            log.info("Request refused.", extra={"reason": reason})

    def sum_up(self, now: datetime) -> None:
        """Tell how many were not told of, of minutes that are over."""
        with self._lock:
            over = {why: one for why, one in self._minutes.items() if one.is_over(now)}
            for reason in over:
                del self._minutes[reason]
        for reason, minute in over.items():
            if minute.count > TOLD_EACH:
                more = minute.count - TOLD_EACH
                log.info("More requests were refused.", extra={"reason": reason, "count": more})
