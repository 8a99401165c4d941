"""The limit of commands that read Drone at the same time.

What Drone answers may be large, and every member in the channel may ask for it.
"""

import logging
from collections.abc import Callable
from datetime import timedelta
from threading import BoundedSemaphore

from server.core.interactions.audit import ActionLock
from server.core.interactions.request import Member
from server.core.interactions.response import CommandResult, text_result
from server.errors import StoreUnavailable
from server.services.ports import AuditLog, Clock

log = logging.getLogger(__name__)

IN_PROCESS = 2
# Longer than the answers last that one command waits for, for a process that dies meanwhile.
LONGEST = timedelta(seconds=120)

BUSY = "The bridge is reading from Drone for other people; try again in a moment."
STILL_AT_IT = "Your last command is still at work; try again once it has answered."


class QueryLimit:
    """One command of each member, over all processes, and IN_PROCESS in this one."""

    def __init__(self, audit: AuditLog, clock: Clock) -> None:
        self._audit = audit
        self._clock = clock
        self._slots = BoundedSemaphore(IN_PROCESS)

    def run(
        self, interaction_id: str, member: Member, query: Callable[[], CommandResult]
    ) -> CommandResult:
        """Run *query* within the limit; may raise StoreUnavailable before that."""
        if not self._slots.acquire(blocking=False):
            return text_result(BUSY, "busy")
        try:
            now = self._clock()
            lock = ActionLock(f"look/{member.user_id}", interaction_id, member.name, now + LONGEST)
            if self._audit.hold(lock, now) is not None:
                return text_result(STILL_AT_IT, "busy")
            try:
                return query()
            finally:
                self._release(lock)
        finally:
            self._slots.release()

    def _release(self, lock: ActionLock) -> None:
        try:
            self._audit.release(lock)
        except StoreUnavailable as error:
            log.warning("A command stays held until it lapses.", extra={"error": str(error)})
