"""The server's heartbeat: the worker asks Drone for missed builds after no server was there."""

import logging
from datetime import datetime, timedelta

from server.services.ports import Clock, Heartbeat

log = logging.getLogger(__name__)

# How often each process of the server beats.
BEAT_SECONDS = 1.5
# A process that has just started finds a beat as young as this if another was there all the time.
AT_START = timedelta(seconds=2)
# One that has been there for longer was held up itself.
LATER = timedelta(seconds=6)


class ServerHeartbeat:
    """The beats of one process; both methods may raise StoreUnavailable."""

    def __init__(self, heartbeat: Heartbeat, clock: Clock) -> None:
        self._heartbeat = heartbeat
        self._clock = clock
        self._is_first = True

    def beat(self) -> None:
        """Note that a server is there, and whether none was before."""
        now = self._clock()
        if is_return(self._heartbeat.beat(now), self._is_first, now):
            self._heartbeat.note_return()
            log.info("No server was there for a while.")
        self._is_first = False

    def leave(self) -> None:
        """Note that this one goes; another that is there beats on."""
        self._heartbeat.leave()


def is_return(before: datetime | None, is_first: bool, now: datetime) -> bool:
    """Tell whether none was there for a while; *before* is the last beat, None if it has left."""
    if before is None:
        return is_first
    return now - before > (AT_START if is_first else LATER)
