"""Notice the outages in which webhooks may have been lost: of the worker, and of the server."""

import logging
from datetime import UTC, datetime

from server.core.instant import Instant
from server.services.ports import Heartbeat

log = logging.getLogger(__name__)

# So often the server's heartbeat is read.
READ_SECONDS = 1.0


class Outages:
    """When the worker was there last, and how often the server came back."""

    def __init__(self, heartbeat: Heartbeat, longest_seconds: float) -> None:
        self._heartbeat = heartbeat
        self._longest_seconds = longest_seconds
        self._round_at = datetime.min.replace(tzinfo=UTC)  # the last that could do its work
        self._read_at = float("-inf")
        self._returns: int | None = None

    def has_worker_returned(self, now: Instant) -> bool:
        """Tell whether no round was made for long, or ever; and note this one."""
        before, self._round_at = self._round_at, now.at
        return (now.at - before).total_seconds() > self._longest_seconds

    def has_server_returned(self, now: Instant) -> bool:
        """Tell whether a server is back after none was; may raise StoreUnavailable."""
        if now.tick < self._read_at + READ_SECONDS:
            return False
        self._read_at = now.tick
        returns = self._heartbeat.returns()
        is_back = self._returns not in (None, returns)
        self._returns = returns
        if is_back:
            log.info("The server is back.")
        return is_back
